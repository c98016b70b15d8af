import { GRADES } from '../../lib/grade.ts';
import type { Format } from '../../locale/format.ts';
import type { Option } from '../../web/page-parts.ts';
import type { Profile } from './profile-queries.ts';

/** What the reader says of themselves: POST `name`, `school`, `subject`, `grade` to `/account/profile`. */
export interface ProfilePart {
  name: string;
  /** Empty where somebody else decides where they work. */
  schools: Option[];
  subjects: Option[];
  grades: Option[];
}

/** What was typed, for the form that is shown again. */
export type TypedProfile = { name: string; school: string; subjects: string[]; grades: string[] };

export function profilePart(profile: Profile, typed: TypedProfile | undefined, fmt: Format): ProfilePart {
  const values = typed ?? {
    name: profile.name,
    school: profile.organizationId,
    subjects: profile.teaching.subjects,
    grades: profile.teaching.grades,
  };
  return {
    name: values.name,
    schools: profile.places.map(({ id, name }) => ({ value: id, label: name, chosen: id === values.school })),
    subjects: profile.subjects.map(({ slug, name }) => ({
      value: slug,
      label: name,
      chosen: values.subjects.includes(slug),
    })),
    grades: GRADES.map((grade) => ({
      value: grade,
      label: fmt.grade(grade),
      chosen: values.grades.includes(grade),
    })),
  };
}
