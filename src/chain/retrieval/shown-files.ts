import { is } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { FileReaders, ModelReply, ModelRequest } from '../../model/request/request.ts'
import type { ShownMedia } from '../../source/media/documents.ts'
import type { PhaseInput, PhaseName } from '../../thread/protocol/phase-types.ts'
import type { ChainServices } from '../protocol/phase.ts'

/** The phases whose model sees and hears the files of a question. The others work with what is written. */
const SHOWN_IN: readonly PhaseName[] = ['action', 'yield']
/** Files of one request. */
const MAX_FILES = 20

export type QuestionFiles = { readonly sources: PhaseInput['sources']; readonly phase: PhaseName }

/** Adds pictures, recordings and frames of a question to a request. A model that takes none gets a line for each. */
export async function withShownFiles(
  request: ModelRequest,
  { sources, phase }: QuestionFiles,
  { shownFiles, verdicts }: Pick<ChainServices, 'shownFiles' | 'verdicts'>,
  signal: AbortSignal,
): Promise<{ readonly request: ModelRequest; readonly readers: FileReaders }> {
  const stored = sources.flatMap(({ stored }) => stored ?? [])
  if (!shownFiles || stored.length === 0 || !SHOWN_IN.includes(phase)) return { request, readers: {} }
  const found = (
    await Array.fromAsync(stored, ({ owner, ...file }) => shownFiles(file, owner, signal).catch(unreadable))
  ).flat()
  const shown = found.slice(0, MAX_FILES)
  if (shown.length === 0) return { request, readers: {} }
  const find = (file: string) => shown.find((one) => one.file.file === file)!
  return {
    request: { ...request, files: shown.map(({ file }) => file), onUnreadable: 'reduce' },
    readers: {
      readFile: ({ file }) => find(file).read(),
      smallPicture: ({ file }, bounds) => find(file).small(bounds),
      // the files of a question have one owner
      ...present({ verdicts: verdicts?.(stored[0]!.owner) }),
    },
  }
}

/** The report on its source says why a film cannot be read. */
function unreadable(error: unknown): readonly ShownMedia[] {
  if (is(error) && error.terminal) return []
  throw error
}

/** A reply that says which files its model did not get. */
export function tellingReduced(reply: ModelReply): ModelReply {
  const { reduced = [], lacks = [], model } = reply
  if (reduced.length === 0) return reply
  const more = reduced.map(({ name, why }) => `${model} did not get ${name}: ${why}`)
  return { ...reply, ...present({ lacks: [...lacks, ...more] }) }
}
