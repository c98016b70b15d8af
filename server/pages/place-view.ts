import type { ShelfItem } from '../resources/resource-view.ts';
import type { LevelCount } from '../standards/standard-view.ts';
import type { CountedLink, Link } from '../web/page-parts.ts';

/** A topic with what is below it; counts include everything below. */
export interface TopicNode extends CountedLink {
  children: TopicNode[];
}

/** `topics/index`. */
export interface TopicsPage {
  trees: TopicNode[];
}

/** `topics/show`. */
export interface TopicPage {
  label: string;
  description: string | null;
  crumbs: Link[];
  total: number;
  checked: number;
  children: CountedLink[];
  levels: LevelCount[];
  grades: { grade: string; count: number; url: string }[];
  shelf: ShelfItem[];
  searchUrl: string;
}

/** `districts/index`. */
export interface DistrictsPage {
  districts: (CountedLink & { schools: number })[];
}

/** `districts/show`. */
export interface DistrictPage {
  name: string;
  closed: boolean;
  total: number;
  checked: number;
  schools: CountedLink[];
  subjects: CountedLink[];
  shelf: ShelfItem[];
  searchUrl: string;
}

/** `schools/show`. */
export interface SchoolPage {
  name: string;
  closed: boolean;
  district: Link;
  total: number;
  checked: number;
  subjects: CountedLink[];
  shelf: ShelfItem[];
  searchUrl: string;
}
