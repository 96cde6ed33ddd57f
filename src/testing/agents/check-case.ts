import { isDeepStrictEqual } from 'node:util'
import { problemOf } from '../../errors.ts'
import { type Json, parse, type Schema } from '../../kernel/schema.ts'
import { clip } from '../../lib/clip.ts'
import type { AgentCase, ExpectedCall, Judgement, Pattern } from './suite.ts'
import type { AgentTranscript, TranscriptCall } from './transcript.ts'

/** The faults of a case, and the score of its judge. */
type Findings = { readonly failures: readonly string[]; readonly score?: number }

/** Compares a transcript with the expectations of a case. `isPriced`: the price of the model is known. */
export async function checkCase(one: AgentCase, transcript: AgentTranscript, isPriced: boolean): Promise<Findings> {
  const status = statusFault(one, transcript)
  const judged = one.judge ? await judge(one.judge, transcript) : { faults: [] }
  const faults = [
    ...(status === undefined ? [] : [status]),
    ...callFaults(one, transcript.calls),
    // an answer that does not exist is no second fault
    ...(status === undefined || transcript.answer !== undefined ? await outputFaults(one, transcript) : []),
    ...budgetFaults(one, transcript, isPriced),
    ...judged.faults,
  ]
  return { failures: faults, ...(judged.score !== undefined && { score: judged.score }) }
}

function statusFault({ status = 'completed' }: AgentCase, transcript: AgentTranscript): string | undefined {
  if (transcript.status === status) return undefined
  const why = transcript.messages.at(-1)?.why
  return `status: expected ${status}, got ${transcript.status}${why === undefined ? '' : `: ${why}`}`
}

function callFaults({ calls, order = 'given', notCalled = [] }: AgentCase, made: readonly TranscriptCall[]): string[] {
  const forbidden = notCalled.flatMap((tool) => {
    const found = made.filter((call) => call.tool === tool)
    return found.length > 0 ? [`calls: ${tool} must not be called, and was called with ${shown(found[0]!.input)}`] : []
  })
  return [...(calls ? missingCalls(calls, made, order) : []), ...forbidden]
}

function missingCalls(expected: readonly ExpectedCall[], made: readonly TranscriptCall[], order: string): string[] {
  const left = [...made]
  for (const [place, one] of expected.entries()) {
    const at =
      order === 'exact' ? (left[0] && isCall(one, left[0]) ? 0 : -1) : left.findIndex((call) => isCall(one, call))
    if (at < 0) return [missingCall(one, place, made, order)]
    left.splice(order === 'any' ? at : 0, order === 'any' ? 1 : at + 1)
  }
  if (order !== 'exact' || left.length === 0) return []
  return [`calls: expected no more calls than ${expected.length}, got ${callText(left[0]!)}`]
}

function isCall(expected: ExpectedCall, { tool, input }: TranscriptCall): boolean {
  if (typeof expected === 'string') return expected === tool
  return expected.tool === tool && (expected.input === undefined || misfitOf(expected.input, input, '') === undefined)
}

function missingCall(expected: ExpectedCall, place: number, made: readonly TranscriptCall[], order: string): string {
  const { tool, input } = typeof expected === 'string' ? { tool: expected, input: undefined } : expected
  const near = made.filter((call) => call.tool === tool)
  const misfit = near.length === 1 && input !== undefined ? misfitOf(input, near[0]!.input, tool) : undefined
  if (misfit !== undefined) return `calls: ${misfit}`
  const wanted = input === undefined ? tool : `${tool} ${shown(input)}`
  const where = order === 'any' ? '' : ` as call ${place + 1}${order === 'given' ? ' of those expected' : ''}`
  const got = made.length === 0 ? 'no call' : made.map(callText).join(', ')
  return `calls: expected ${wanted}${where}, got ${got}`
}

const callText = ({ tool, input }: TranscriptCall) => `${tool} ${shown(input)}`

async function outputFaults({ output, outputEquals }: AgentCase, transcript: AgentTranscript): Promise<string[]> {
  const value: Json = transcript.output ?? transcript.answer ?? null
  const faults: (string | undefined)[] = []
  if (outputEquals !== undefined && !isDeepStrictEqual(value, outputEquals))
    faults.push(`output: expected ${shown(outputEquals)}, got ${shown(value)}`)
  if (typeof output === 'function')
    faults.push(await faultBy('output', async () => ((await output(value)) ? undefined : `got ${shown(value)}`)))
  else if (isSchema(output)) faults.push(await faultBy('output', async () => void (await parse(output, value))))
  else if (typeof output === 'string' && typeof value === 'string') {
    if (!value.includes(output))
      faults.push(`output: expected a text that contains ${shown(output)}, got ${shown(value)}`)
  } else if (output !== undefined) faults.push(misfitOf(output as Pattern, value, 'output'))
  return faults.filter((fault) => fault !== undefined)
}

const isSchema = (given: unknown): given is Schema<unknown> =>
  typeof given === 'object' && given !== null && '~standard' in given

async function faultBy(what: string, check: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    const fault = await check()
    return fault === undefined ? undefined : `${what}: ${fault}`
  } catch (error) {
    return `${what}: ${problemOf(error).message}`
  }
}

function budgetFaults({ budget = {} }: AgentCase, { cost, rounds }: AgentTranscript, isPriced: boolean): string[] {
  const { dollars, rounds: most } = budget
  const faults: string[] = []
  if (dollars !== undefined && !isPriced)
    faults.push('budget: the price of the model is unknown; give `price`, or describe the model in antiphon.yaml')
  else if (dollars !== undefined && cost > dollars) faults.push(`budget: expected at most $${dollars}, got $${cost}`)
  if (most !== undefined && rounds > most) faults.push(`budget: expected at most ${most} rounds, got ${rounds}`)
  return faults
}

async function judge(
  ask: NonNullable<AgentCase['judge']>,
  transcript: AgentTranscript,
): Promise<{ readonly faults: readonly string[]; readonly score?: number }> {
  let given: Judgement
  try {
    given = await ask(transcript)
  } catch (error) {
    return { faults: [`judge: ${problemOf(error).message}`] }
  }
  const { pass, reason, score } =
    typeof given === 'object' ? given : { pass: given, reason: undefined, score: undefined }
  if (typeof pass !== 'boolean') return { faults: ['judge: expected true, false or { pass, reason, score }'] }
  return { faults: pass ? [] : [`judge: ${reason ?? 'it did not pass'}`], ...(score !== undefined && { score }) }
}

/** Where a value does not fit a pattern, in words; undefined: it fits. `path` is the place of the value. */
function misfitOf(pattern: Pattern | undefined, value: unknown, path: string): string | undefined {
  if (pattern instanceof RegExp) {
    if (typeof value === 'string' && value.search(pattern) >= 0) return undefined
    return `${path}: expected a text that matches ${pattern}, got ${shown(value)}`
  }
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value)) return `${path}: expected a list, got ${shown(value)}`
    if (value.length !== pattern.length) return `${path}: expected ${pattern.length} items, got ${value.length}`
    return firstOf(pattern.map((one, at) => [one, value[at], `${path}[${at}]`]))
  }
  if (typeof pattern === 'object' && pattern !== null) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${path}: expected a map, got ${shown(value)}`
    const fields = value as { readonly [key: string]: unknown }
    return firstOf(Object.entries(pattern).map(([key, one]) => [one, fields[key], `${path}.${key}`]))
  }
  if (isDeepStrictEqual(pattern, value)) return undefined
  return `${path}: expected ${shown(pattern)}, got ${shown(value)}`
}

function firstOf(pairs: readonly (readonly [pattern: Pattern | undefined, value: unknown, path: string])[]) {
  for (const pair of pairs) {
    const misfit = misfitOf(...pair)
    if (misfit !== undefined) return misfit
  }
  return undefined
}

const MAX_SHOWN = 200

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const json = JSON.stringify(value, (_, one) => (one instanceof RegExp ? String(one) : one))
  return clip(json ?? String(value), MAX_SHOWN)
}
