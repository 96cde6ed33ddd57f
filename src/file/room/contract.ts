import { z } from 'zod'
import { maybe, time } from '../../document.ts'
import { page } from '../../house/common-fields.ts'
import { describe, pages } from '../../house/describe.ts'
import { BYTES } from '../../house/operation.ts'
import { ownerName } from '../../house/scope.ts'
import { fileOperations } from '../facts.ts'
import { cursorOfFile } from './open-port.ts'
import type { StoredFile } from './port.ts'

const file = z.string().meta({ description: 'the id of a file: `file_` and 64 hexadecimal digits' })
const owner = maybe(ownerName.meta({ description: 'whose file; only for staff and an admin. Default: the caller' }))
const use = z
  .string()
  .regex(/^(?:thread|run)\/./, 'expected thread/NAME or run/ID')
  .max(1100)

const document: z.ZodType<StoredFile> = z
  .object({
    file: z.string().meta({ description: '`file_` and the SHA-256 of the content' }),
    type: z.string().meta({ description: 'media type, from the content' }),
    name: z.string(),
    bytes: z.number(),
    at: time,
    uses: z.array(z.string()).meta({ description: 'the conversations and runs that use it' }),
  })
  .meta({ id: 'File' })

/** Files of owners. Another owner's file looks like a missing one. */
export const FILES = describe(fileOperations, {
  'files.add': {
    scope: ['talk', 'ask'],
    summary: 'Upload a file: the body is its content, of any type',
    description: 'The same content again is the same file. An upload that is cut off leaves nothing.',
    query: z.object({
      name: maybe(z.string().max(4096)).meta({ description: 'its name; of a path the last part' }),
      owner,
    }),
    answer: { about: 'the file', schema: document },
    errors: ['file_too_large', 'file_quota', 'file_type', 'body_timeout', 'unsupported_type', 'storage'],
  },
  'files.list': {
    scope: ['talk', 'read', 'ask'],
    summary: 'List files, the newest first',
    query: z.object({
      ...page,
      use: maybe(use).meta({ description: 'only those that this conversation (`thread/NAME`) or run (`run/ID`) uses' }),
      owner,
    }),
    answer: pages('a page of files', document, cursorOfFile),
    errors: ['bad_cursor', 'not_found'],
  },
  'files.open': {
    scope: ['talk', 'read', 'ask'],
    summary: 'Read the content of a file, or a range of it',
    description:
      'The header `range` asks for a part (206). PNG, JPEG, WebP, GIF, audio and video can be shown in a page of the same origin; everything else is a download.',
    params: z.object({ file }),
    query: z.object({ owner }),
    answer: { about: 'the content, with its own media type', type: BYTES },
    errors: ['file_not_found', 'range_outside', 'storage'],
  },
  'files.thumbnail': {
    scope: ['talk', 'read', 'ask'],
    summary: 'Read a small picture of a picture: at most 320 pixels wide and high',
    description: 'It is made once, by a decoder in a sandbox, and has no data of the camera.',
    params: z.object({ file }),
    query: z.object({ owner }),
    answer: { about: 'a PNG or a JPEG', type: BYTES },
    errors: ['file_not_found', 'no_thumbnail', 'range_outside', 'storage'],
  },
  'files.get': {
    scope: ['talk', 'read', 'ask'],
    summary: 'Show what is known of a file, without its content',
    params: z.object({ file }),
    query: z.object({ owner }),
    answer: { about: 'the file', schema: document },
    errors: ['file_not_found'],
  },
  'files.remove': {
    scope: ['talk', 'ask'],
    summary: 'Remove a file of an owner; work that names it finds it no more',
    params: z.object({ file }),
    query: z.object({ owner }),
    answer: { about: 'its id', schema: z.object({ file: z.string() }) },
    errors: ['file_not_found', 'storage'],
  },
})
