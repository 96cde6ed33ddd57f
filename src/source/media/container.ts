import { boundedOffload } from '../../worker/offload/offload.ts'
import { PARSE_MS, parseJob } from './parse-job.ts'
import type { ParsedContainer } from './parsers.ts'
import type { MediaFile, MediaTerms } from './reading.ts'

/** The headers of a recording or a film, read in the process with bounded memory. */
export async function readContainer({ path, name }: MediaFile, terms: MediaTerms): Promise<ParsedContainer> {
  const { share, signal } = terms
  const options = { share, deadline: PARSE_MS, what: `Reading ${name}`, signal }
  return (await boundedOffload().run(parseJob('containerOf'), { path }, options)) as ParsedContainer
}
