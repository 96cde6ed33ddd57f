import { extname } from 'node:path'
import type { OffloadJob } from '../../worker/offload/offload.ts'
import type * as parsers from './parsers.ts'

/** Time of a parser, in ms. */
export const PARSE_MS = 30_000

/** A parser as a job of the process with bounded memory. */
export const parseJob = (name: keyof typeof parsers): OffloadJob => ({
  file: new URL(`./parsers${extname(import.meta.url)}`, import.meta.url),
  name,
})
