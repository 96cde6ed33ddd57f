import { basename } from 'node:path'
import type { CallToolResult } from '@modelcontextprotocol/server'
import type { GoalDocument } from '../../agent/room/goals/port.ts'
import { is, TerminalError } from '../../errors.ts'
import { runAsWork, type WorkRef } from '../../house/actors.ts'
import { asText, isJsonObject, type Json } from '../../kernel/json.ts'
import { present } from '../../lib/json/present.ts'
import type { RunDocument } from '../../run/document.ts'
import { documentOf } from '../wire/problem.ts'
import { CALL_STEP } from './caller.ts'
import { artifactUri } from './resources.ts'

/** Bytes of a result; as text and as data it takes twice as much. */
const MAX_RESULT_BYTES = 1024 * 1024
const MAX_LINKS = 20

/** The fields by which a result names its work, in `_meta`. */
export const metaOf = ({ kind, id }: WorkRef): { readonly [name: string]: string } => ({ [`antiphon/${kind}`]: id })

export function runResult(run: RunDocument): CallToolResult {
  const { execution_id: id, status, artifacts } = run
  const _meta = metaOf(runAsWork(id))
  if (status !== 'completed') return { ...failedRun(run), _meta }
  const refusal = refusalIn(run)
  if (refusal !== undefined)
    return { ...problemResult({ code: 'refused', message: refusal, place: { run: id } }), _meta }
  const { content, ...result } = dataResult(resultIn(run), undefined, id)
  const links = artifacts.slice(0, MAX_LINKS).map(({ step, location, mime }) => ({
    type: 'resource_link' as const,
    uri: artifactUri(id, step),
    name: basename(location),
    ...(mime !== undefined && { mimeType: mime }),
  }))
  return { content: [...content, ...editNotes(run), ...lackNotes(run), ...links], ...result, _meta }
}

/** The result of a goal that ended: the answer of its agent. */
export function goalResult({
  id,
  status,
  answer = '',
  output,
  answerFiles: files,
  problem,
}: GoalDocument): CallToolResult {
  const given = { answer, ...present({ output, files: files && [...files] }) }
  const _meta = metaOf({ kind: 'goal', id })
  if (status === 'completed') return { ...dataResult(given, answer), _meta }
  const { code = status, message = `The goal is ${status}.`, hint } = problem ?? {}
  const about = { code, message, place: { goal: id }, ...(hint !== undefined && { hint }) }
  return { ...problemResult(about), _meta }
}

/** A value as text, and as data where it is a map. `text`: what people read instead of the map. */
export function dataResult(value: Json, text?: string, run?: string): CallToolResult {
  const shown = text ?? onlyText(value) ?? JSON.stringify(value, null, 2)
  const bytes = Math.max(Buffer.byteLength(shown), Buffer.byteLength(JSON.stringify(value)))
  if (bytes > MAX_RESULT_BYTES) return problemResult(tooLarge(bytes, run))
  return {
    content: [{ type: 'text', text: shown }],
    ...(isJsonObject(value) && { structuredContent: value as { [field: string]: unknown } }),
  }
}

/** A lone text needs no JSON around it. */
function onlyText(value: Json): string | undefined {
  const values = isJsonObject(value) ? Object.values(value) : [value]
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : undefined
}

function tooLarge(bytes: number, run: string | undefined): CallProblem {
  return {
    code: 'response_too_large',
    message: `The work was done. Its result has ${bytes} bytes; at most ${MAX_RESULT_BYTES} are sent.`,
    ...(run !== undefined && { place: { run }, hint: `To see it: antiphon show ${run}` }),
  }
}

/** The outputs; of a run that makes one call, the result of that. */
const resultIn = ({ outputs, steps }: RunDocument): Json => (isLoneCall(steps) ? (outputs[CALL_STEP] ?? null) : outputs)

const isLoneCall = (steps: RunDocument['steps']) => Object.keys(steps).every((id) => id === CALL_STEP)

/** Why the one call of a run was not made. */
function refusalIn({ steps }: RunDocument): string | undefined {
  if (!isLoneCall(steps) || steps[CALL_STEP]?.status !== 'skipped') return undefined
  const reason = steps[CALL_STEP].rejection
  return `A person refused the call${reason ? `: ${reason}` : '.'}`
}

/** Without this note, the client would assume that the call had its own parameters. */
function editNotes({ steps }: RunDocument) {
  if (!isLoneCall(steps)) return []
  const changed = steps[CALL_STEP]?.changed_parameters
  if (changed === undefined) return []
  const parameters = JSON.stringify(changed)
  const text = `A person changed this call before it was made. Its parameters were ${parameters}`
  return [{ type: 'text' as const, text }]
}

/** A client learns what is missing, beside the data. */
function lackNotes({ lacks = [] }: RunDocument) {
  if (lacks.length === 0) return []
  return [{ type: 'text' as const, text: `The result is degraded: ${lacks.slice(0, MAX_LACKS).join('; ')}` }]
}

const MAX_LACKS = 10

function failedRun({
  execution_id: run,
  status,
  error,
  error_code,
  error_hint,
  failed_step: step,
}: RunDocument): CallToolResult {
  return problemResult({
    code: error_code ?? status,
    message: error ?? `The run is ${status}.`,
    place: { run, ...(step !== undefined && { step }) },
    ...(error_hint !== undefined && { hint: error_hint }),
  })
}

/** A fault with a stable code, its place, and what to do. */
type CallProblem = {
  readonly code: string
  readonly message: string
  readonly place?: { readonly [part: string]: Json | undefined }
  readonly hint?: string
}

/** An error as a result, which the model of the client can read. */
export function problemResult({ code, message, place, hint }: CallProblem): CallToolResult {
  const where = Object.entries(place ?? {}).map(([part, value]) => `${part} ${asText(value ?? null)}`)
  const lines = [
    `${code}: ${message}`,
    ...(where.length > 0 ? [`at ${where.join(', ')}`] : []),
    ...(hint ? [hint] : []),
  ]
  const error = { code, message, ...(where.length > 0 && { place }), ...(hint !== undefined && { hint }) }
  return { content: [{ type: 'text', text: lines.join('\n') }], structuredContent: { error }, isError: true }
}

/** A thrown error as a result, without its stack. The text of a foreign error stays here: it may say anything. */
export function errorResult(error: unknown): CallToolResult {
  const { code, detail, place, hint } = documentOf(is(error) ? error : internal())
  return problemResult({
    code,
    message: detail,
    ...(place && { place: place as CallProblem['place'] & {} }),
    ...(hint !== undefined && { hint }),
  })
}

const internal = () => new TerminalError('The server failed.', { code: 'internal' })
