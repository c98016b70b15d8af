import { isEducator, type Viewer } from '../../lib/viewer.ts';
import { canSee, isStaffOver, type ResourceFacts } from '../resource-policy.ts';

/** What the rules below need to know of a comment or note. */
interface VoiceFacts {
  writerId: string;
  flagged: boolean;
  gone: 'deleted' | 'removed' | null;
}

/** What educators say is for educators: whoever is signed in and sees the resource reads it, and may say something. */
const canReadVoices = (viewer: Viewer, resource: ResourceFacts): boolean =>
  isEducator(viewer) && canSee(viewer, resource);

/** While a flag on it is open, only its writer and staff read it. */
export const canReadVoice = (viewer: Viewer, resource: ResourceFacts, voice: VoiceFacts): boolean =>
  canReadVoices(viewer, resource) &&
  voice.gone === null &&
  (!voice.flagged || voice.writerId === viewer.id || isStaffOver(viewer, resource));

/** Its writer changes and deletes it, also while it is flagged, so that it can be mended. */
export const canChangeVoice = (viewer: Viewer, resource: ResourceFacts, voice: VoiceFacts): boolean =>
  canReadVoice(viewer, resource, voice) && voice.writerId === viewer.id;

/** Staff remove what others wrote; one's own is deleted instead. */
export const canRemoveVoice = (viewer: Viewer, resource: ResourceFacts, voice: VoiceFacts): boolean =>
  canReadVoice(viewer, resource, voice) && isStaffOver(viewer, resource) && voice.writerId !== viewer.id;

/** Everybody who reads it may flag it, but for its writer, who can mend or delete it. */
export const canFlagVoice = (viewer: Viewer, resource: ResourceFacts, voice: VoiceFacts): boolean =>
  canReadVoice(viewer, resource, voice) && voice.writerId !== viewer.id;
