import { present } from '../../lib/json/present.ts'
import type { ActorEventRecord, ObservedEvent, SpanAttributes, SpanInfo } from '../semantic-conventions.ts'
import type { LogLevel } from './settings.ts'

/** A log line: a message, and the ids that identify its subject. */
export type LogLine = {
  readonly level: LogLevel
  readonly text: string
  readonly fields: { readonly [name: string]: string | number }
  /** the reason in the words of the failure; redacted as a whole, because half of a secret is not recognisable */
  readonly because?: string
  /** where in a user's code it was thrown */
  readonly stack?: string
  /** similar lines with this key are written only once in a while */
  readonly seldom?: string
}

/** A longer flush is logged as slow. */
const SLOW_FLUSH_MS = 500

/** Codes of calls that were cancelled or continue in another process. They do not blame the callee. */
const CANCEL_CODES: readonly (string | undefined)[] = ['AbortError', 'cancelled']

/** Logs failed requests; other requests, model calls and tool calls only at level debug. */
export function spanLogLine(info: SpanInfo, noted: SpanAttributes, ms: number, trace?: string): LogLine | undefined {
  const fields = { ms: Math.round(ms), ...traceField(trace), ...(noted.error !== undefined && { code: noted.error }) }
  const failed = noted.error === undefined ? '' : ` failed: ${noted.error}`
  switch (info.name) {
    case 'request-answer': {
      const { route = 'none', status = 500, interrupted } = noted
      const asked = { request: info.id, method: info.method, route, status, ...fields }
      const text = `${info.method} ${route} ${status}`
      if (interrupted) return { level: 'info', text: `${text}: it continues when the server is back`, fields: asked }
      return { level: status >= 500 ? 'error' : 'debug', text, fields: asked }
    }
    case 'tool-call': {
      const { sandbox } = noted
      const called = { tool: info.tool, ...(sandbox !== undefined && { sandbox }), ...fields }
      return { level: 'debug', text: `tool ${info.tool}${failed}`, fields: called }
    }
    case 'model-call': {
      const { model = info.model, input, output, cacheRead, cacheWrite } = noted
      const used = {
        model,
        ...present({ input, output, cacheRead, cacheWrite }),
      }
      const level = failed !== '' && !CANCEL_CODES.includes(noted.error) ? 'warn' : 'debug'
      return { level, text: `model ${model}${failed}`, fields: { ...used, ...fields } }
    }
    default:
      return undefined
  }
}

export function eventLogLine(fact: ObservedEvent): LogLine | undefined {
  switch (fact.name) {
    case 'event-keep':
      return actorEventLine(fact)
    case 'effect-fail': {
      const { actor, effect, code, delay, work, trace, stack } = fact
      const fields = { actor, effect, code, ...(delay !== undefined && { delay }), work, ...traceField(trace) }
      const next = delay === undefined ? 'it is not tried again' : `it is tried again in ${delay} ms`
      return {
        level: 'warn',
        text: `effect ${effect} of ${actor} failed (${code}); ${next}`,
        fields,
        ...stackOf(stack),
      }
    }
    case 'letter-keep': {
      const { id, to, code, work, trace, stack } = fact
      const fields = { letter: id, actor: to, code, work, ...traceField(trace) }
      const text = `a message to ${to} failed for good (${code}): dead letter ${id}`
      return { level: 'error', text, fields, ...stackOf(stack) }
    }
    case 'disk-fail':
      return {
        level: 'error',
        text: `the disk refused a write (${fact.code}): nothing more is acknowledged`,
        fields: { code: fact.code },
      }
    case 'row-damage':
      return { level: 'error', text: `row ${fact.row} of the database is damaged`, fields: { row: fact.row } }
    case 'flush-end': {
      const ms = Math.round(fact.ms)
      return fact.ms < SLOW_FLUSH_MS
        ? undefined
        : { level: 'warn', text: `a flush took ${ms} ms`, fields: { ms }, seldom: 'flush' }
    }
    case 'export-fail': {
      const { what, because } = fact
      return { level: 'warn', text: `${what} could not be sent`, fields: {}, seldom: what, ...present({ because }) }
    }
    default:
      return undefined
  }
}

type EventBody = {
  readonly type?: string
  readonly status?: string
  readonly step?: string
  readonly attempts?: number
  readonly problem?: { readonly code: string; readonly message: string; readonly stack?: string }
}

function actorEventLine({ of, work, trace, body, index }: ActorEventRecord): LogLine | undefined {
  const kind = of.slice(0, of.indexOf('/'))
  if (kind !== 'run' && kind !== 'chain') return undefined
  const { type, status = '', step = '', attempts = 1, problem } = body as EventBody
  const ids = { [kind === 'run' ? 'run' : 'ask']: work, ...traceField(trace) }
  const code = problem ? { code: problem.code } : {}
  const why = problem ? { because: problem.message, ...stackOf(problem.stack) } : {}
  switch (type) {
    case 'run-start':
      return { level: 'info', text: `run ${work} began`, fields: { ...ids, pipeline: String(index?.name ?? '') } }
    case 'ask-start':
      return { level: 'info', text: `ask ${work} began`, fields: { ...ids, thread: of.slice(6) } }
    case 'run-end': {
      const fields = { ...ids, status, ms: Number(index?.finishedAt ?? 0) - Number(index?.startedAt ?? 0), ...code }
      return { level: levelOf(status), text: `run ${work} is ${status}`, fields, ...why }
    }
    case 'ask-end':
      return { level: levelOf(status), text: `ask ${work} is ${status}`, fields: { ...ids, status, ...code }, ...why }
    case 'step-end':
      return status === 'failed'
        ? {
            level: 'warn',
            text: `step ${step} of run ${work} failed`,
            fields: { ...ids, step, attempts, ...code },
            ...why,
          }
        : {
            level: 'debug',
            text: `step ${step} of run ${work} is ${status}`,
            fields: { ...ids, step, status, attempts },
          }
    default:
      return undefined
  }
}

const stackOf = (stack: string | undefined) => (stack === undefined ? {} : { stack })

function levelOf(status: string): LogLevel {
  if (status === 'failed') return 'error'
  return status === 'cancelled' ? 'warn' : 'info'
}

/** Only the trace id: it connects a line with its spans. */
const traceField = (trace: string | undefined) => (trace === undefined ? {} : { trace: trace.slice(3, 35) })
