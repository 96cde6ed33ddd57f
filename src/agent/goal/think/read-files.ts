import type { Json } from '../../../kernel/json.ts'
import { type FileRef, filesOfNote, type Note, textOfNote } from '../../../lib/media/file-ref.ts'
import type { ReducedFile } from '../../../model/request/request.ts'
import { type FileTexts, WHOLE_TEXT } from '../../context/file-lines.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { fileUseOf, type GoalStartPart } from '../../protocol/messages.ts'
import type { Readings, Round } from '../../protocol/rounds.ts'
import type { AgentServices, GoalFiles } from '../services.ts'
import type { AnsweredRound } from './answer-call.ts'
import { payerOf } from './payer-of.ts'
import type { RequestContext } from './read-context.ts'

/** The files of a request: those of its texts, and of the results of calls. Each once. Pure. */
export function filesIn({ first, rounds, notes }: RequestContext): readonly FileRef[] {
  const all = [
    ...filesOfNote(first),
    ...rounds.flatMap(({ told: texts = [], calls }) => [
      ...texts.flatMap(filesOfNote),
      ...calls.flatMap(({ result }) => result?.files ?? []),
    ]),
    ...notes.flatMap(filesOfNote),
  ]
  return [...new Map(all.map((file) => [file.file, file])).values()]
}

/** Whether a request has files to show again, or its goal names one by its id: an agent above knows it. Pure. */
export const mayShowFiles = (context: RequestContext): boolean =>
  /file_[0-9a-f]{64}/.test(textOfNote(context.first)) || filesIn(context).length > 0

/**
 * Reads the files of a request. A file is read once: its reading stays with the round for which it was made, so that
 * later messages of the conversation have it.
 */
export async function readFiles(
  { files: store }: Pick<AgentServices, 'files'>,
  files: readonly FileRef[],
  { state, start, definition, rounds, effects }: Omit<AnsweredRound, 'services'>,
): Promise<{ readonly texts: FileTexts; readonly readings?: Readings }> {
  if (files.length === 0) return { texts: new Map() }
  const known = readingsOf(rounds)
  const ways = waysOf(store, files, definition)
  const unread = ways.flatMap(({ file, way }) => (way === 'read' && known[file.file] === undefined ? [file] : []))
  const of = fileUseOf(start, state, effects.self.key)
  const { self } = effects
  const made =
    unread.length === 0
      ? {}
      : ((await effects.run(
          'read-files',
          async (call) =>
            (await store.readings(unread, of, { payer: payerOf(start, state, self), self, call })) as Json,
        )) as Readings)
  const texts = await textsOf(store, ways, { ...known, ...made })
  return { texts, ...(unread.length > 0 && { readings: made }) }
}

/** The texts of files whose readings were made before. Nothing is read again. */
export const knownTexts = (
  { files: store }: Pick<AgentServices, 'files'>,
  context: RequestContext,
  definition: AgentDefinition,
  own: Readings = {},
): Promise<FileTexts> =>
  textsOf(store, waysOf(store, filesIn(context), definition), { ...readingsOf(context.rounds), ...own })

const readingsOf = (rounds: readonly Round[]): Readings => Object.assign({}, ...rounds.map(({ readings }) => readings))

const waysOf = (store: GoalFiles, files: readonly FileRef[], { model, otherModels = [] }: AgentDefinition) =>
  files.map((file) => ({ file, way: store.wayOf(file, [model, ...otherModels]) }))

async function textsOf(store: GoalFiles, ways: ReturnType<typeof waysOf>, readings: Readings): Promise<FileTexts> {
  const texts = ways.map(async ({ file: { file }, way }): Promise<readonly [string, string] | undefined> => {
    if (readings[file] !== undefined) return [file, await store.textOf(readings[file])]
    return way !== undefined && way !== 'read' ? [file, way.lacks] : undefined
  })
  return new Map((await Promise.all(texts)).filter((one) => one !== undefined))
}

/** The files of a conversation before the goal that its answers had whole. `before`: the rounds until then. Pure. */
export function earlierFiles({ first, rounds }: RequestContext, before: number): readonly FileRef[] {
  if (before === 0) return []
  const earlier = rounds.slice(0, before)
  const lines = new Set(earlier.flatMap(({ reduced = [] }) => reduced.map(({ file }) => file)))
  return filesIn({ first, rounds: earlier, notes: [] }).filter(({ file }) => !lines.has(file))
}

/**
 * Sentences about files of the present messages that no model has looked at, and about files that earlier answers had
 * (`earlier`) and this one has no more. `own`: the rounds of the goal itself. A file that an earlier round of the goal
 * showed was looked at, also if it is a line by now, and so was a document of words alone whose whole text stood in the
 * request. Pure.
 */
export function unseenFiles(
  reduced: readonly ReducedFile[],
  {
    start,
    notes,
    own,
    made = [],
    earlier,
    texts: found,
  }: {
    readonly start: GoalStartPart
    readonly notes: readonly Note[]
    readonly own: readonly Round[]
    /** the files that models made: they came with no message */
    readonly made?: readonly FileRef[]
    readonly earlier: readonly FileRef[]
    readonly texts: FileTexts
  },
): readonly string[] {
  const texts = [...own.flatMap((round) => round.told ?? []), ...notes]
  const shown = [...earlier, ...(start.files ?? []), ...texts.flatMap(filesOfNote)]
  const files = new Map(shown.map((one) => [one.file, one]))
  for (const { file } of made) files.delete(file)
  const isReadWhole = (file: string) => isOfWords(files.get(file)!) && found.get(file)?.startsWith(WHOLE_TEXT)
  const all = new Map([...own.flatMap((round) => round.reduced ?? []), ...reduced].map((one) => [one.file, one]))
  return [...all.values()]
    .filter(({ file }) => files.has(file) && !isReadWhole(file))
    .map(({ file, name, why }) => {
      const text = found.get(file)
      const note = text !== undefined && READING.test(text) ? 'It got a text instead.' : text
      const reason = `The model did not get the file ${JSON.stringify(name)}: ${why.replace(/\.$/, '')}.`
      return note === undefined ? reason : `${reason} ${note}`
    })
}

/** The beginning of a reading. Another text says why there is none. */
const READING = /^The (?:text|beginning|transcript) /

/** Recordings, pictures, films and pages hold more than their words. */
const isOfWords = ({ type }: FileRef) => !/^(?:audio|video|image)\/|\/pdf$/.test(type)
