/** Vocabulary values as pages show them: the slug travels in addresses, the label is read. */
export interface Term {
  slug: string;
  label: string;
}

/** A competency level: `position` counts from 1 and `of` is the number of levels in its scale (drawn as that many bars). */
export interface LevelSign {
  slug: string;
  label: string;
  position: number;
  of: number;
}

/** A level with what a student at that level does, in the scale's or the standard's own words. */
export interface LevelWords extends LevelSign {
  description: string | null;
}

/** What a license lets others do, as facts; cards make a short sentence of them. */
export interface LicenseSign {
  /** The license's code (SPDX where there is one); `unknown` means "ask before you reuse". */
  code: string;
  /** The license's own name, such as "CC BY 4.0". */
  name: string;
  url: string | null;
  adaptable: boolean;
  credit: boolean;
  shareAlike: boolean;
  nonCommercial: boolean;
  /** False for work that stays with its owner, such as "free in this state's classrooms". */
  open: boolean;
}

/** A license with its plain words, one line each, as the license table has them. */
export interface LicenseWords extends LicenseSign {
  may: string[];
  must: string[];
  mayNot: string[];
}
