import type { Problem } from '../../errors.ts'
import type { GivenAnswer } from '../../house/by.ts'
import type { Json } from '../../kernel/json.ts'
import { type FileRef, type Note, type ShownRef, textOfNote } from '../../lib/media/file-ref.ts'
import type { AssistantPart, ReducedFile } from '../../model/request/request.ts'
import { runOfRound } from '../../run/ids.ts'
import type { CallCondition } from '../../tool/tool-request.ts'
import type { CallStatus } from './stored-goal.ts'

/** One round, in part `round/<n>`. */
export type Round = {
  /** ms since the epoch; absent: it stands for a message that got no round */
  readonly at?: number
  /** the run that made the calls, if it belongs to another goal; absent: the run of this goal and round */
  readonly run?: string
  /** texts that the model got before it answered */
  readonly told?: readonly Note[]
  /** the files that the model got one line for */
  readonly reduced?: readonly ReducedFile[]
  /** the readings of files that were made for it: hashes of texts in the value store, by the ids of the files */
  readonly readings?: Readings
  /** the request that the model got; absent: the round was stopped */
  readonly given?: GivenRequest
  /** why a model was asked again within it; absent: none was */
  readonly again?: readonly AskedAgain[]
  /** the message of the conversation above whose reply it belongs to; absent: that for which the goal began */
  readonly message?: number
  /** the model that answered; absent: the round was stopped */
  readonly model?: string
  /** the tokens and dollars that the round took; absent: it was stopped, or is reused */
  readonly tokens?: number
  readonly cost?: number
  readonly said: readonly AssistantPart[]
  /** the files that the model made: the next request shows them */
  readonly files?: readonly FileRef[]
  readonly calls: readonly RoundCall[]
}

/** A failure after which a model was asked again, in the same round. */
export type AskedAgain = Pick<Problem, 'code' | 'message'>

/** A request in short: it tells later whether the same can still be shown. */
export type GivenRequest = {
  /** of its system text, its tools, its environment and all else, in this order */
  readonly digest: string
  /** the tokens that it had to fit */
  readonly window: number
  /** the text of the environment, if it is short */
  readonly environment?: string
}

/** A call of a round, and its result once it has one. */
export type RoundCall = {
  /** the model's own id of the call */
  readonly id: string
  /** the name that the model knows the tool by */
  readonly name: string
  /** our name of the tool */
  readonly tool: string
  /** the parameters of the call: a person may have changed them */
  readonly parameters: { readonly [name: string]: Json }
  /** the parameters of the model, if a person changed them */
  readonly asked?: { readonly [name: string]: Json }
  /** its step in the run of the round; absent: the goal answers it itself */
  readonly step?: string
  /** it is made only while the environment has this version */
  readonly when?: CallCondition
  readonly result?: CallOutput
  /** who approved, rejected, changed or settled it */
  readonly said?: readonly GivenAnswer[]
  /** the result that came after its round had ended. Requests show `result` */
  readonly late?: CallOutput
}

/** The bounded form of a result. */
export type CallOutput = {
  readonly outcome: CallStatus
  /** the result, or its beginning */
  readonly output: Json
  /** the end of a result of which `output` is the beginning */
  readonly tail?: string
  /** of the whole result, where this is only a part of it */
  readonly characters?: number
  /** the files of the owner that the result names, which the model gets with it */
  readonly files?: readonly ShownRef[]
}

/** Texts that readers found in files: hashes in the value store, by the ids of the files. */
export type Readings = { readonly [file: string]: string }

const PERSON = 'A person says: '

/** A text of a person among those that a model gets. */
export const fromPerson = (text: string): string => `${PERSON}${text}`
export const isFromPerson = (note: Note): boolean => textOfNote(note).startsWith(PERSON)

/** Whether a round has calls that its run made, or may have made, and no record of them. */
export const hasOpenCalls = ({ calls, run }: Round): boolean =>
  run === undefined && calls.some(({ step, result }) => step !== undefined && result === undefined)

/** The part of a round; without a number: the prefix of all. */
export const roundPart = (round: number | '') => `round/${round}`

/** The run that made the calls of a recorded round, even if the round was copied from another goal. */
export const madeBy = (goal: string, number: number, round: Pick<Round, 'run'> | undefined): string =>
  round?.run ?? runOfRound(goal, number)
