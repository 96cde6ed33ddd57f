import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Effects } from '../../../kernel/types.ts'
import { parseArguments } from '../../../model/call/tool-calling.ts'
import type { ToolCall } from '../../../model/request/request.ts'
import { type CheckedObject, createObjectCheck } from '../../../model/structured-output/check-object.ts'
import { withoutFence } from '../../../model/structured-output/read-json.ts'
import { FINAL_ANSWER } from '../../context/tool-offers.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { type CodeOutput, readOutput } from '../../definition/output-schema.ts'
import type { RoundCall } from '../../protocol/rounds.ts'

/** The answer of an agent with an `output`: its value, or its text and its faults in words. */
export type FinalAnswer = { readonly value: Json } | { readonly wrong: string; readonly text: string }

/** Bytes of an answer as JSON. */
const MAX_OUTPUT_BYTES = 64 * 1024

/** How answers are checked: the definition of the agent, and the outputs of the program. */
type Checking = { readonly definition: AgentDefinition; outputOf(agent: string): CodeOutput | undefined }

type Reply = { readonly text: string; readonly calls: readonly ToolCall[] }

/**
 * The answer in a reply of a model: a call of `final_answer` alone, or a text without a call that is JSON. Undefined:
 * the reply calls other tools. `cut`: why a call was not whole.
 */
export async function readFinalAnswer(
  { text, calls: [call, ...others] }: Reply,
  checking: Checking,
  cut: string,
  effects: Effects,
): Promise<FinalAnswer | undefined> {
  if (call && (call.name !== FINAL_ANSWER || others.length > 0)) return undefined
  if (call?.cut) return { wrong: cut, text: call.unread ?? JSON.stringify(call.input ?? null) }
  const bare = withoutFence(text)
  const value = call ? call.input : bare.trim() === '' ? undefined : parseArguments(bare)
  if (value !== undefined) return checkOutput(value, checking, effects)
  if (call) return { wrong: `the parameters are not JSON: ${call.unread}`, text: call.unread ?? '' }
  return { wrong: `expected a call of ${FINAL_ANSWER}, got a text that is not JSON alone`, text }
}

/**
 * Checks a value against the output of an agent, and against the schema of a program. A check that takes long runs in a
 * thread, and a schema of a program is not always here, so it is an effect.
 */
export async function checkOutput(
  value: Json,
  { definition: { name, output = {}, boundOutput }, outputOf }: Checking,
  effects: Effects,
): Promise<FinalAnswer> {
  const text = JSON.stringify(value)
  const size = Buffer.byteLength(text)
  if (size > MAX_OUTPUT_BYTES) return { wrong: `expected at most ${MAX_OUTPUT_BYTES} bytes, got ${size}`, text }
  const found = boundOutput === undefined ? undefined : outputOf(name)
  const own = found?.hash === boundOutput ? found : undefined
  const check = async () => {
    const checked = await (await createObjectCheck(output, { share: effects.self.key }))(text)
    if (!own || !('object' in checked)) return checked as Json
    const read = await readOutput(own.schema, checked.object)
    return ('wrong' in read ? read : checked) as Json
  }
  const checked = (await effects.run('check-output', check, { effect: 'pure' })) as CheckedObject
  if ('object' in checked) return { value: checked.object }
  return { wrong: (checked.faults ?? [checked.wrong]).join('; '), text }
}

export function answeredCall({ id, name, input }: ToolCall, answer: FinalAnswer): RoundCall {
  const call = { id, name, tool: FINAL_ANSWER, parameters: isJsonObject(input) ? input : {} }
  if ('value' in answer) return { ...call, result: { outcome: 'succeeded', output: 'the answer was given' } }
  return { ...call, result: { outcome: 'refused', output: wrongText(answer.wrong) } }
}

/** A wrong answer in words for its model. */
export const wrongText = (wrong: string) =>
  `The final answer was not accepted: ${wrong}. Correct it, and call ${FINAL_ANSWER}.`
