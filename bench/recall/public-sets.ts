import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidError } from '../../src/errors.ts'
import { passagesOf, textDocument } from '../../src/source/split.ts'
import type { RecallQuestion, RecallSet } from './set.ts'

/** Public sets that the bench reads from a folder. None of their data is in the repository. */
export const FORMATS = ['beam', 'longmemeval'] as const
export type SetFormat = (typeof FORMATS)[number]

/** The sets of a folder, at most `sample` of them. InvalidError when it has none. */
export function readSets(folder: string, format: SetFormat, sample = Number.POSITIVE_INFINITY): readonly RecallSet[] {
  const sets = format === 'beam' ? readBeam(folder, sample) : readLongMemEval(folder, sample)
  if (sets.length > 0) return sets
  throw new InvalidError(`${folder} has no data of the format ${format}.`, {
    hint: 'For BEAM, name a folder of conversations such as chats/100K; for LongMemEval, a folder with its JSON files.',
  })
}

const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))
/** Longer questions are cut: memory takes this many characters. */
const MAX_QUESTION = 2000

type BeamMessage = { readonly id: number; readonly content: string }
type BeamChat = readonly { readonly turns: readonly (readonly BeamMessage[])[] }[]
type BeamQuestions = {
  readonly [ability: string]: readonly { readonly question: string; readonly source_chat_ids?: unknown }[]
}

/** BEAM: a folder for each conversation. A record is a passage of a message, and the messages that a question names answer it. */
function readBeam(folder: string, sample: number): readonly RecallSet[] {
  const chats = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const names = chats.map(({ name }) => name).sort((a, b) => Number(a) - Number(b))
  return names.slice(0, sample).map((name) => {
    const messages = (readJson(folder, name, 'chat.json') as BeamChat).flatMap(({ turns }) => turns.flat())
    const asked = readJson(folder, name, 'probing_questions', 'probing_questions.json') as BeamQuestions
    const known = new Map(messages.filter(({ content }) => content.trim() !== '').map((one) => [String(one.id), one]))
    const questions = Object.entries(asked).flatMap(([ability, all]) =>
      all.flatMap(({ question, source_chat_ids }): readonly RecallQuestion[] => {
        const gold = idsIn(source_chat_ids).filter((id) => known.has(id))
        const isAbstention = ability === 'abstention'
        // one question of the set has no sources
        if (gold.length === 0 && !isAbstention) return []
        return [{ ability: ability.replaceAll('_', ' '), text: question.slice(0, MAX_QUESTION), gold }]
      }),
    )
    return { owner: `beam-${name}`, records: recordsOf([...known.values()]), unitOf, questions }
  })
}

/** A record for each passage of a message, as files are remembered. */
const recordsOf = (messages: readonly { readonly id: string | number; readonly content: string }[]) =>
  messages.flatMap(({ id, content }, learnedAt) =>
    passagesOf(textDocument('message.md', content)).map(({ text }, place) => ({
      id: `${id}#${place}`,
      text,
      learnedAt,
    })),
  )
const unitOf = (id: string) => id.slice(0, id.indexOf('#'))

/** All ids in a list, or in a map of lists. */
function idsIn(found: unknown): readonly string[] {
  if (typeof found === 'number' || typeof found === 'string') return [String(found)]
  if (typeof found !== 'object' || found === null) return []
  return [...new Set(Object.values(found).flatMap(idsIn))]
}

type LongMemEvalItem = {
  readonly question_id: string
  readonly question_type: string
  readonly question: string
  readonly answer_session_ids: readonly string[]
  readonly haystack_session_ids: readonly string[]
  readonly haystack_sessions: readonly (readonly { readonly content: string }[])[]
}

/** LongMemEval: a memory for each question. A record is a passage, and a session that a question names answers it. */
function readLongMemEval(folder: string, sample: number): readonly RecallSet[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const items = files.flatMap((name) => readJson(folder, name) as readonly LongMemEvalItem[])
  return items.slice(0, sample).map((item) => {
    const { question_id: owner, question_type: ability, question, haystack_session_ids: sessions } = item
    const isAbstention = owner.endsWith('_abs')
    const messages = item.haystack_sessions.flatMap((turns, session) =>
      turns.map(({ content }, place) => ({ id: `${sessions[session]}#${session}.${place}`, content })),
    )
    const gold = isAbstention ? [] : item.answer_session_ids
    return {
      owner,
      records: recordsOf(messages),
      unitOf,
      questions: [{ ability: isAbstention ? 'abstention' : ability, text: question.slice(0, MAX_QUESTION), gold }],
    }
  })
}
