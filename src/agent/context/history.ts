import { type FileRef, type Note, toNote } from '../../lib/media/file-ref.ts'
import { runOfRound } from '../../run/ids.ts'
import { textOf } from '../protocol/replies.ts'
import { isFromPerson, type Round } from '../protocol/rounds.ts'

/** An earlier message of a conversation, and what was done for it. */
export type Exchange = {
  readonly text: string
  readonly files?: readonly FileRef[]
  /** the goal that answered it; absent: the phases of a chain did */
  readonly goal?: string
  /** the rounds of the goal, or a reply as people read it; empty: they are no longer stored, or there were none */
  readonly rounds: readonly Round[]
  /** what the goal recalled, as its first request showed it */
  readonly memory?: string
  readonly answer?: string
  /** the calls of its playbook before it was stopped, and what people found out about them */
  readonly notes?: readonly Note[]
  /** it ended without an answer */
  readonly unanswered?: 'failed' | 'cancelled'
}

/** The earlier messages of a conversation that its next request shows. `skipped`: how many older ones it leaves out. */
export type History = { readonly exchanges: readonly Exchange[]; readonly skipped: number }

/** The minimum of messages that a request shows, if there are enough. It shows fewer than twice as many. */
const BLOCK = 32

/**
 * The number of the first message that a request for the message `n` shows. It moves by whole blocks, so that the
 * requests between two moves begin with the same bytes, and no request reads more than two blocks. Pure.
 */
export const firstShown = (n: number): number => Math.max(0, Math.floor((n - 1) / BLOCK) - 1) * BLOCK + 1

/**
 * The first text of a request, and the rounds before those of the goal itself. A round of an earlier goal names the run
 * that made its calls, so that its results can still be read. What a goal recalled stays where its own requests showed
 * it, so that the beginning stays the same. Pure.
 */
export function roundsOfHistory(
  { exchanges, skipped }: History,
  { text, files, memory }: Asked,
): { readonly first: Note; readonly rounds: readonly Round[]; readonly notes: readonly Note[] } {
  const [oldest, ...others] = exchanges
  if (!oldest) return { first: toNote(text, files), rounds: [], notes: recalled({ memory }) }
  const rounds = exchanges.flatMap((exchange, place) => {
    const before = exchanges[place - 1]
    return withTold(roundsOf(exchange), before ? asked(before, exchange) : recalled(exchange))
  })
  const first = skipped === 0 ? oldest.text : `${SKIPPED(skipped)}\n\n${oldest.text}`
  return {
    first: toNote(first, oldest.files),
    rounds,
    notes: asked(others.at(-1) ?? oldest, { text, files, memory }),
  }
}

type Asked = {
  readonly text: string
  readonly files?: readonly FileRef[] | undefined
  readonly memory?: string | undefined
}

/** The texts of a message that is not the first one. The model answers the last of them. */
const asked = (before: Exchange, { text, files, memory }: Asked): readonly Note[] => [
  ...endNote(before),
  ...recalled({ memory }),
  toNote(text, files),
]

const recalled = ({ memory }: Pick<Asked, 'memory'>): readonly string[] => (memory === undefined ? [] : [memory])

/** Rounds after texts that the model got before the first of them. */
export function withTold(rounds: readonly Round[], notes: readonly Note[]): readonly Round[] {
  const [next, ...rest] = rounds
  if (!next || notes.length === 0) return rounds
  return [{ ...next, told: [...notes, ...(next.told ?? [])] }, ...rest]
}

/**
 * Rounds and the texts after them, where the files that a model made stand before the next texts: a message of a model
 * has no files in most protocols, and without them it could not change its own picture. Pure.
 */
export function withMadeFiles(
  rounds: readonly Round[],
  notes: readonly Note[],
): { readonly rounds: readonly Round[]; readonly notes: readonly Note[] } {
  const madeAt = (place: number): readonly Note[] => {
    const { files = [] } = rounds[place] ?? {}
    return files.length === 0 ? [] : [toNote(MADE, files)]
  }
  return {
    rounds: rounds.map((round, place) => withTold([round], madeAt(place - 1))[0]!),
    notes: [...madeAt(rounds.length - 1), ...notes],
  }
}

const MADE = '(These files were made for the person, in answer to the message above.)'

/** A text of a model as people read it, without its thoughts and calls. */
export const spokenRound = (text: string, files?: readonly FileRef[]): Round => ({
  said: text.trim() === '' ? [] : [{ type: 'text', text }],
  ...(files && { files }),
  calls: [],
})

/** The rounds of another agent as people read them: their texts, its texts and its files. Pure. */
export const spokenRounds = (rounds: readonly Round[]): readonly Round[] =>
  rounds.flatMap(({ told: notes = [], said, files }) => {
    const [heard, round] = [notes.filter(isFromPerson), spokenRound(textOf(said), files)]
    return heard.length + round.said.length === 0 && !files ? [] : withTold([round], heard)
  })

function roundsOf({ goal, rounds, answer }: Exchange): readonly Round[] {
  if (rounds.length > 0)
    return rounds.map((round, at) =>
      goal === undefined ? round : { ...round, run: round.run ?? runOfRound(goal, at + 1) },
    )
  return [spokenRound(answer ?? '')]
}

/** Without this note, the model would take the next message for an answer to its own last words. */
function endNote({ unanswered, notes = [] }: Exchange): readonly Note[] {
  return unanswered ? [...notes, `(The message before was not answered: the work on it ${ENDS[unanswered]}.)`] : []
}

const ENDS = { failed: 'failed', cancelled: 'was cancelled' } as const
const SKIPPED = (count: number) => `(The first ${count} messages of this conversation are no longer shown.)`
