/**
 * Files: pictures, recordings, documents and other bytes of owners. The store of values has the bytes, and an actor for
 * each owner has a record of each file: name, type, size, and the work that uses it. Use it for all that is larger or
 * other than text; everything else holds references (`lib/media/file-ref.ts`), which open nothing by themselves.
 */

import type { Room } from '../house/room.ts'
import { FILES_KIND, filesActor } from './actor.ts'
import { FILES } from './room/contract.ts'
import { filesForTools } from './room/for-tools.ts'
import { mediaTools } from './room/media-tools.ts'
import { type FileNeeds, type OwnedFiles, openFiles } from './room/open-port.ts'
import { type FilesView, viewFiles } from './room/view.ts'
import { fileLimits } from './settings.ts'

export const fileRoom: Room<OwnedFiles, FilesView, FileNeeds> = {
  contract: FILES,
  actors: ({ files }) => [filesActor(fileLimits(files).owner)],
  // counted by `forgetOwner`: an owner has one actor for all files
  owns: [{ kind: FILES_KIND, isKeyedByOwner: true }],
  open: openFiles,
  view: viewFiles,
  forgetOwner: async (files, owner, options) => ({ files: await files.forgetOwner(owner, options) }),
  tools: mediaTools,
  forTools: filesForTools,
}
