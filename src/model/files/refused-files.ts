import { clip } from '../../lib/clip.ts'
import type { FileRef, FileVerdict, ShownRef } from '../../lib/media/file-ref.ts'
import { isReference, referencesIn } from '../request/files.ts'
import type { FileVerdicts, ModelRequest } from '../request/request.ts'
import { type Refusal, suspectsNamed } from './named-files.ts'
import type { WholeFile } from './shown-file.ts'

/** Why a file is a line for the server; undefined: it may be whole. */
type RefusalOf = (file: ShownRef) => string | undefined

/** Reads the files of a request, with lines for those that the server refused. */
export type Ready<Reply> = (refusalOf: RefusalOf) => Promise<ReadyRequest<Reply>>

/** A request whose files are read: those that it has whole, and the call, which tells those that the server took. */
type ReadyRequest<Reply> = {
  readonly whole: readonly WholeFile[]
  ask(): Promise<{ readonly reply: Reply; readonly whole: readonly WholeFile[] }>
}

type Asking<Reply> = {
  readonly request: ModelRequest
  /** the name of the provider */
  readonly server: string
  readonly verdicts: FileVerdicts | undefined
  readonly ready: Ready<Reply>
  /** The refusal of a request that an error tells, without secrets; undefined: it tells none. */
  refusalIn(error: unknown): Refusal | undefined
  /** The error to throw for one of a call. */
  failureOf(error: unknown): unknown
  /** The request goes again, after this error. */
  readonly onAgain: ((error: unknown) => void) | undefined
}

/**
 * Asks with the files that the server has not refused before. A request that is refused goes again without the files
 * that no accepted request of this server had: first without those that the refusal names, then without all of them.
 * If that answers, those are marked, and each later request to this server has the same line. If not, nothing is.
 */
export async function askWithoutRefused<Reply>(asking: Asking<Reply>): Promise<Reply> {
  const { request, server, verdicts, ready, refusalIn, failureOf } = asking
  const ids = [...new Set(referencesIn(request).map(({ file }) => file))]
  const known = ids.length > 0 && verdicts ? await verdicts.find(server, ids) : NONE
  const first = await ready((file) => knownRefusal(server, known.get(file.file), file))
  try {
    return await taken(first, known, asking)
  } catch (error) {
    const refusal = refusalIn(error)
    if (!refusal) throw failureOf(error)
    const suspects = first.whole.filter(({ file }) => !known.get(file.file)?.taken && mayBeLine(file, request))
    return askWithoutSuspects(suspects, refusal, failureOf(error), known, asking)
  }
}

type Known = ReadonlyMap<string, FileVerdict>
const NONE: Known = new Map()

/** Characters of a refusal that a line repeats. */
const MAX_WORDS = 200

/** Asks again without suspects. Throws the failure of the first request if the server refuses the others, too. */
async function askWithoutSuspects<Reply>(
  suspects: readonly WholeFile[],
  refusal: Refusal,
  failure: unknown,
  known: Known,
  asking: Asking<Reply>,
): Promise<Reply> {
  const { server, verdicts, ready, refusalIn, failureOf, onAgain } = asking
  const words = clip(refusal.words, MAX_WORDS)
  let latest = failure
  for (const omitted of attemptsOf(suspects, refusal)) {
    onAgain?.(latest)
    const ids = new Set(omitted.map(({ file }) => file.file))
    const next = await ready((file) => {
      const verdict = known.get(file.file)
      return ids.has(file.file)
        ? whyLine(server, verdict?.refused?.words ?? words)
        : knownRefusal(server, verdict, file)
    })
    try {
      const reply = await taken(next, known, asking)
      await verdicts?.note(server, [...ids], words)
      return reply
    } catch (error) {
      latest = failureOf(error)
      if (!refusalIn(error)) throw latest
    }
  }
  throw failure
}

/** Asks, and notes the files that the server took for the first time. */
async function taken<Reply>(
  { ask }: ReadyRequest<Reply>,
  known: Known,
  { server, verdicts }: Asking<Reply>,
): Promise<Reply> {
  const { reply, whole } = await ask()
  const files = new Set(whole.flatMap(({ file }) => (known.get(file.file)?.taken ? [] : [file.file])))
  if (files.size > 0) await verdicts?.note(server, [...files])
  return reply
}

/** A file that the server refused is a line, but for one more try where an agent has asked for it since. */
function knownRefusal(server: string, { refused }: Partial<FileVerdict> = {}, { past = -1 }: ShownRef) {
  return refused && (refused.twice || past < refused.at) ? whyLine(server, refused.words) : undefined
}

const whyLine = (server: string, words: string) => `${server} refused a request with it: ${JSON.stringify(words)}`

/** Whether a line may stand for a file of a request. */
const mayBeLine = ({ file }: FileRef, { files = [], onUnreadable }: ModelRequest) =>
  onUnreadable === 'reduce' || !files.some((one) => isReference(one) && one.file === file)

/** The suspects that each further request leaves out. */
function attemptsOf(suspects: readonly WholeFile[], refusal: Refusal): readonly (readonly WholeFile[])[] {
  if (suspects.length === 0) return []
  const named = suspectsNamed(suspects, refusal)
  return named.length === 0 || named.length === suspects.length ? [suspects] : [named, suspects]
}
