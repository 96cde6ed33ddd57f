import { matcherOf } from '../../lib/glob.ts'
import { isTextAt } from '../../lib/media/media-type.ts'
import { isReadableName, largestFile } from '../source.ts'
import { type FolderWalk, type WalkOptions, walkFolder } from './walk.ts'

type ListOptions = Pick<WalkOptions, 'mayRead' | 'bounds' | 'signal'> & { readonly pattern?: string | undefined }

/**
 * Lists the files of a folder that can be read as documents, or those of them that a pattern names.
 * @throws TerminalError if the folder cannot be read
 */
export const listFolder = (folder: string, { pattern, ...options }: ListOptions): Promise<FolderWalk> =>
  walkFolder(folder, {
    ...options,
    isReadable: isReadableName,
    isReadableAt: isTextAt,
    largest: largestFile,
    ...(pattern !== undefined && { matches: matcherOf(pattern) }),
  })
