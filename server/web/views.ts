import type { OperationPage } from '../operation/operation-view.ts';
import type { AuditPage } from '../audit/audit-view.ts';
import type {
  AccountPage,
  AdminPage,
  MailsOffPage,
  SignInPage,
  ForgotPage,
  SetPasswordPage,
} from '../accounts/account-view.ts';
import type {
  RegisterConfirmPage,
  RegisterPage,
  RegistrationPage,
} from '../accounts/registration/registration-view.ts';
import type { InvitationPage, InvitationsPage } from '../accounts/invitations/invitation-view.ts';
import type {
  AdminChangedPage,
  AdminOrganizationPage,
  AdminOrganizationsPage,
  OrganizationChangePage,
} from '../administration/organization-view.ts';
import type {
  AdminHandOverPage,
  AdminPeoplePage,
  AdminPersonPage,
} from '../administration/people/person-view.ts';
import type { AdminTransferPage } from '../administration/transfers/transfer-view.ts';
import type { CallForm, CallPage, CallsPage } from '../curation/call-view.ts';
import type { ChangePage, TagsPage } from '../curation/tags/tag-view.ts';
import type { CoveragePage } from '../curation/coverage-view.ts';
import type {
  CheckSettingsPage,
  CheckStoppedPage,
  CurateCheckPage,
  QueuePage,
  ThreadPage,
} from '../curation/check-view.ts';
import type {
  CollectionAddPage,
  CollectionConflictPage,
  CollectionEditPage,
  CollectionNewPage,
  CollectionPage,
  CollectionRulePage,
  CollectionsPage,
} from '../collections/collection-view.ts';
import type { PurgePage, PurgesPage } from '../curation/purge/purge-view.ts';
import type { FlagDecisionPage, FlagsPage, TakedownsPage } from '../curation/flags/flag-view.ts';
import type { ImportColumnsPage } from '../imports/browser/columns-view.ts';
import type { ImportGuidePage, ImportsPage } from '../imports/browser/imports-view.ts';
import type {
  ImportRowPage,
  ImportRowsPage,
  ImportRunPage,
  ImportUndoPage,
} from '../imports/browser/run-view.ts';
import type { StaffFilePage, StaffPage } from '../imports/staff/staff-view.ts';
import type { NumbersPage } from '../insights/numbers-view.ts';
import type { SearchInsightsPage } from '../insights/search-insights-view.ts';
import type { Translate } from '../locale/locale.ts';
import type { HomePage } from '../pages/home-view.ts';
import type { DistrictPage, DistrictsPage, SchoolPage, TopicPage, TopicsPage } from '../pages/place-view.ts';
import type { ShelfPage } from '../pages/shelf-view.ts';
import type {
  AdaptPage,
  AdaptRefusedPage,
  FilePagesPage,
  ResourcePage,
  ShelfItem,
  WithdrawnPage,
} from '../resources/resource-view.ts';
import type { FlagPage, FlaggedPage } from '../resources/flags/flag-page-view.ts';
import type { VoicePage } from '../resources/voices/voice-view.ts';
import type { CheckPage, ConflictPage, ShareFormPage, ShareStartPage } from '../resources/share-view.ts';
import type { SavedSearchesPage } from '../search/saved-search-view.ts';
import type { LevelWordsPage } from '../search/level-words/level-words-view.ts';
import type { SynonymPage, SynonymsPage } from '../search/synonyms/synonym-view.ts';
import type { SearchPage } from '../search/search-view.ts';
import type {
  AdminFrameworkPage,
  AdminFrameworksPage,
  AdminStandardsPage,
  DescriptorsFindPage,
  DescriptorsPage,
  FrameworkPage,
  FrameworkUploadPage,
  RubricsLookPage,
  RubricsPage,
  StandardPage,
  StandardsPage,
} from '../standards/standard-view.ts';
import type {
  AdminChangePage,
  AdminLevelsPage,
  AdminLicensePage,
  AdminLicensesPage,
  AdminPreviewPage,
  AdminTermPage,
  AdminTermsPage,
  AdminTopicPage,
  AdminTopicsPage,
} from '../vocabularies/admin-view.ts';
import type { AdminSitePage, SiteLook, TermsPage } from '../site/site-view.ts';
import type { NoticesPage } from '../notices/notice-view.ts';
import type { AboutPage, ApiDocsPage, ErrorPage } from './error-view.ts';
import type { FlashMessage } from './page-parts.ts';

/** Every view with the props it takes: `views/<name>.ejs`. `page()` is typed by this. */
export interface Views {
  'home/index': HomePage;
  'search/index': SearchPage;
  'searches/index': SavedSearchesPage;
  'standards/index': StandardsPage;
  'standards/framework': FrameworkPage;
  'standards/show': StandardPage<ShelfItem>;
  'topics/index': TopicsPage;
  'topics/show': TopicPage;
  'districts/index': DistrictsPage;
  'districts/show': DistrictPage;
  'schools/show': SchoolPage;
  'resources/show': ResourcePage;
  'resources/version': ResourcePage;
  'resources/pages': FilePagesPage;
  'resources/withdrawn': WithdrawnPage;
  'resources/new': ShareStartPage;
  'resources/edit': ShareFormPage;
  'resources/check': CheckPage;
  'resources/conflict': ConflictPage;
  'resources/voice': VoicePage;
  'resources/flag': FlagPage;
  'resources/flagged': FlaggedPage;
  'resources/adapt': AdaptPage;
  'resources/adapt-refused': AdaptRefusedPage;
  'shelf/index': ShelfPage;
  'notices/index': NoticesPage;
  'collections/index': CollectionsPage;
  'collections/show': CollectionPage;
  'collections/print': CollectionPage;
  'collections/edit': CollectionEditPage;
  'collections/new': CollectionNewPage;
  'collections/rule': CollectionRulePage;
  'collections/conflict': CollectionConflictPage;
  'collections/add': CollectionAddPage;
  'accounts/sign-in': SignInPage;
  'accounts/account': AccountPage;
  'accounts/forgot': ForgotPage;
  'accounts/set-password': SetPasswordPage;
  'accounts/mails-off': MailsOffPage;
  'admin/index': AdminPage;
  'admin/standards': AdminStandardsPage;
  'admin/organizations': AdminOrganizationsPage;
  'admin/organization': AdminOrganizationPage;
  'admin/change': OrganizationChangePage;
  'admin/changed': AdminChangedPage;
  'admin/transfer': AdminTransferPage;
  'admin/audit': AuditPage;
  'admin/operation': OperationPage;
  'admin/people': AdminPeoplePage;
  'admin/person': AdminPersonPage;
  'admin/hand-over': AdminHandOverPage;
  'admin/invitations': InvitationsPage;
  'admin/registration': RegistrationPage;
  'accounts/register': RegisterPage;
  'accounts/register-confirm': RegisterConfirmPage;
  'admin/staff': StaffPage;
  'admin/staff-file': StaffFilePage;
  'accounts/invitation': InvitationPage;
  'admin/topics': AdminTopicsPage;
  'admin/topic': AdminTopicPage;
  'admin/terms': AdminTermsPage;
  'admin/term': AdminTermPage;
  'admin/licenses': AdminLicensesPage;
  'admin/license': AdminLicensePage;
  'admin/preview': AdminPreviewPage;
  'admin/framework-upload': FrameworkUploadPage;
  'admin/site': AdminSitePage;
  'admin/levels': AdminLevelsPage;
  'admin/frameworks': AdminFrameworksPage;
  'admin/framework': AdminFrameworkPage;
  'admin/descriptors-find': DescriptorsFindPage;
  'admin/descriptors': DescriptorsPage;
  'admin/rubrics': RubricsPage;
  'admin/rubrics-look': RubricsLookPage;
  'admin/vocabulary-change': AdminChangePage;
  'imports/index': ImportsPage;
  'imports/columns': ImportColumnsPage;
  'imports/run': ImportRunPage;
  'imports/rows': ImportRowsPage;
  'imports/row': ImportRowPage;
  'imports/undo': ImportUndoPage;
  'imports/guide': ImportGuidePage;
  'api/docs': ApiDocsPage;
  'about/index': AboutPage;
  'about/help': AboutPage;
  'about/accessibility': AboutPage;
  'about/privacy': AboutPage;
  'about/terms': TermsPage;
  'calls/index': CallsPage;
  'calls/show': CallPage;
  'curate/call': CallForm;
  'curate/change': ChangePage;
  'curate/coverage': CoveragePage;
  'curate/level-words': LevelWordsPage;
  'curate/queue': QueuePage;
  'curate/check': CurateCheckPage;
  'curate/stopped': CheckStoppedPage;
  'curate/settings': CheckSettingsPage;
  'curate/flags': FlagsPage;
  'curate/flag': FlagDecisionPage;
  'curate/takedowns': TakedownsPage;
  'curate/thread': ThreadPage;
  'curate/tags': TagsPage;
  'curate/purge': PurgePage;
  'curate/purges': PurgesPage;
  'curate/numbers': NumbersPage;
  'curate/search': SearchInsightsPage;
  'curate/synonym': SynonymPage;
  'curate/synonyms': SynonymsPage;
  'errors/error': ErrorPage;
}

/** Who is looking; null stands for the public. */
export interface Viewer {
  id: string;
  name: string;
  /** The organization shown beside the name. */
  organization: string | null;
  /** New notices, counted up to a hundred. */
  unseen?: number;
}

/** What the layout needs to know about the request, filled once per request before a handler runs. */
export interface PageContext {
  /** BCP 47. */
  language: string;
  t: Translate;
  stateName: string;
  /** Mail address of whoever answers for the portal; null where none is set. */
  contact: string | null;
  /** The state's own colour, logo and banner. */
  site: SiteLook;
  viewer: Viewer | null;
  /** What the navigation offers. */
  may: {
    share: boolean;
    import: boolean;
    curate: boolean;
    /** All of the state. */
    administer: boolean;
    /** People of the state or of a district. */
    people: boolean;
    readLog: boolean;
  };
  /** Path and query of this request, for "come back here". */
  currentPath: string;
  /** `BASE_URL` without a slash at the end. */
  baseUrl: string;
  /** Read from the session and removed by the render that shows them. */
  flash: FlashMessage[];
  requestId: string;
  /** How long the reader stays signed in: without another request, and at most. Null for the public. */
  session: { who: string; idleSeconds: number; lastSeconds: number } | null;
  /** True in the demo: says in the footer that names and schools are made up. */
  demo: boolean;
  /** No mail server is set: mails are written to a folder of the server. */
  mailsToFolder: boolean;
}

/** What one page says about itself. */
export interface PageOptions {
  /** Most specific first: "Fractions, grade 6 – page 2 of 14 – Search". The portal's name is added. */
  title: string;
  status?: number;
  /** Path of the address that search engines should keep; the request's own path without it. */
  canonical?: string;
  /** Default `index`; `none` for pages that belong to one person or one search. */
  robots?: 'index' | 'none';
  /** An object for `application/ld+json`. */
  jsonLd?: object;
  /** For the description that search engines and messengers show. */
  description?: string;
  /** Address of an Atom feed of what the page lists. */
  feedUrl?: string;
  /** Without scripts the page is fetched again after so many seconds. */
  refreshSeconds?: number;
  /** Filled into the search box of the masthead; default empty. */
  searchText?: string;
}
