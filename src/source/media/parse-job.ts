import { extname } from 'node:path'
import { boundedOffload, type OffloadJob } from '../../worker/offload/offload.ts'
import type * as parsers from './parsers.ts'
import type { MediaFile, MediaTerms } from './reading.ts'

/** ms that a parser may compute. Headers take a few; some that were changed would take for ever. */
export const PARSE_MS = 10_000

/** A parser as a job of the process with bounded memory. */
export const parseJob = (name: keyof typeof parsers): OffloadJob => ({
  file: new URL(`./parsers${extname(import.meta.url)}`, import.meta.url),
  name,
})

/** The headers of a recording or a film, read in the process with bounded memory. */
export async function readContainer({ path, name }: MediaFile, terms: MediaTerms): Promise<parsers.ParsedContainer> {
  const { share, signal } = terms
  const options = { share, deadline: PARSE_MS, what: `Reading ${name}`, signal }
  return (await boundedOffload().run(parseJob('containerOf'), { path }, options)) as parsers.ParsedContainer
}
