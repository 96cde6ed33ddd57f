import type { Json } from '../../../kernel/json.ts'
import type { Effects } from '../../../kernel/types.ts'
import { type ShownRef, toRef } from '../../../lib/media/file-ref.ts'
import { runOfRound } from '../../../run/ids.ts'
import { isCallId } from '../../../step/messages/call-names.ts'
import { pageOf, skillPage } from '../../context/shorten.ts'
import { FILES_SHOW, READ_RESULT, READ_SKILL } from '../../context/tool-offers.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { fileUseOf, type GoalStartPart } from '../../protocol/messages.ts'
import type { CallOutput, Round } from '../../protocol/rounds.ts'
import type { GoalState } from '../../protocol/state.ts'
import type { AgentServices } from '../services.ts'

/** The result of a call that is not made. */
export const refused = (output: string): CallOutput => ({ outcome: 'refused', output })

export type AnsweredRound = {
  readonly services: AgentServices
  readonly state: GoalState
  readonly start: GoalStartPart
  readonly definition: AgentDefinition
  readonly effects: Effects
  /** the rounds that the request showed */
  readonly rounds: readonly Round[]
}

/** Answers a call that needs no run: it reads what the goal already has. */
export async function answerCall(
  name: string,
  input: { readonly [name: string]: Json },
  index: number,
  asked: AnsweredRound,
): Promise<CallOutput> {
  const { services, state, definition, effects, rounds } = asked
  if (name === FILES_SHOW) return showFile(input.file ?? '', index, asked)
  if (name === READ_SKILL) return readSkill(definition, input)
  if (name !== READ_RESULT) throw new TypeError(`the goal does not answer calls of ${name}`)
  const { handle, page } = input
  const [, round = '', step = ''] = /^([1-9]\d*)\.(.+)$/.exec(String(handle)) ?? []
  if (!isCallId(step) || typeof page !== 'number')
    return refused('expected a handle such as 3.call_1, and a page from 1')
  const number = Number(round)
  const run = rounds[number - 1]?.run ?? runOfRound(effects.self.key, number - (rounds.length - state.rounds))
  const text = await effects.run(`read.${index + 1}`, () => readPage(services, run, step, page), { effect: 'pure' })
  return text === null ? refused(`there is no page ${page} of ${handle}`) : { outcome: 'succeeded', output: text }
}

async function readPage({ readResult }: AgentServices, run: string, step: string, page: number): Promise<Json> {
  return pageOf(await readResult(run, step), page) ?? null
}

function readSkill(
  { skills }: AgentDefinition,
  { name, page = 1 }: { readonly [parameter: string]: Json },
): CallOutput {
  const skill = skills.find((one) => one.name === name)
  const text = skill && typeof page === 'number' ? skillPage(skill, page) : undefined
  if (text !== undefined) return { outcome: 'succeeded', output: text }
  if (skill) return refused(`there is no page ${String(page)} of ${skill.name}`)
  return refused(`there is no skill ${String(name)}; there are ${skills.map((one) => one.name).join(', ')}`)
}

/** Shows a file of the owner again, by its id or by its name in this conversation. */
async function showFile(
  wanted: Json,
  index: number,
  { services: { files }, state, start, effects }: AnsweredRound,
): Promise<CallOutput> {
  const of = fileUseOf(start, state, effects.self.key)
  const name = String(wanted)
  const find = async () => ((await files.toShow(name, of)) ?? null) as Json
  const found = (await effects.run(`show.${index + 1}`, find, { effect: 'pure' })) as ShownRef | null
  if (!found) return refused(`file_not_found: there is no file ${JSON.stringify(name.slice(0, MAX_NAME))} here`)
  return { outcome: 'succeeded', output: toRef(found), files: [found] }
}

/** Characters of a name that an answer repeats. */
const MAX_NAME = 200
