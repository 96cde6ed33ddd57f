import { z } from 'zod'
import { type FileRef, isFileId, type Note } from './file-ref.ts'

/** A reference as messages between actors have it. A later release may add fields. */
export const fileRef: z.ZodType<FileRef> = z.object({
  file: z.string().refine(isFileId, 'expected the id of a file'),
  type: z.string().max(200),
  name: z.string().max(1000),
  bytes: z.int().nonnegative(),
})

export const MAX_MESSAGE_FILES = 50

export const messageFiles: z.ZodType<readonly FileRef[]> = z.array(fileRef).min(1).max(MAX_MESSAGE_FILES)

export const noteSchema: z.ZodType<Note> = z.union([z.string(), z.object({ text: z.string(), files: messageFiles })])
