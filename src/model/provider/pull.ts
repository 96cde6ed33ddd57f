import { InvalidError, is, RetryableError, TerminalError } from '../../errors.ts'
import { tryParseExact } from '../../kernel/json.ts'
import { inTime } from '../../lib/time/in-time.ts'
import { ollamaBaseUrl } from './base-url.ts'

/** How far a server is: bytes of the parts that it has named so far, and what it does in its own words. */
export type PullProgress = { readonly status: string; readonly done: number; readonly total: number }

const MAX_LINE = 64 * 1024
/** ms without a word of the server. */
const MAX_SILENCE = 120_000

/**
 * Lets an Ollama server download a model. `base`: its base URL, with or without `/v1`. The server keeps the parts of a
 * download that was broken off, and goes on with them.
 * @throws TerminalError `model_not_found` with the words of the server; RetryableError if it is away or falls silent
 */
export async function* pullModel(base: string, model: string, signal: AbortSignal): AsyncGenerator<PullProgress> {
  const parts = new Map<string, { readonly total: number; readonly completed: number }>()
  let isOver = false
  for await (const line of linesOf(await request(base, model, signal), signal)) {
    if (typeof line.error === 'string') throw refused(model, line.error)
    const { status, digest, total, completed = 0 } = line
    if (typeof digest === 'string' && typeof total === 'number')
      parts.set(digest, { total, completed: typeof completed === 'number' ? completed : 0 })
    const sum = (field: 'total' | 'completed') => [...parts.values()].reduce((all, part) => all + part[field], 0)
    isOver = status === 'success'
    yield { status: String(status).slice(0, 200), done: sum('completed'), total: sum('total') }
  }
  if (!isOver) throw new RetryableError(`The server ended before it had ${model}.`, { code: 'model_unavailable' })
}

const refused = (model: string, why: string) =>
  new TerminalError(`The server cannot pull ${model}: ${why.slice(0, 500)}`, { code: 'model_not_found' })

async function request(base: string, model: string, signal: AbortSignal): Promise<Response> {
  const url = `${ollamaBaseUrl(base).slice(0, -'/v1'.length)}/api/pull`
  const body = JSON.stringify({ model, stream: true })
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', body, signal, redirect: 'error' })
  } catch (cause) {
    signal.throwIfAborted()
    const hint = 'Start Ollama: ollama serve.'
    throw new RetryableError(`${new URL(url).origin} does not answer.`, { code: 'model_unavailable', cause, hint })
  }
  if (response.ok) return response
  const text = (await response.text()).slice(0, MAX_LINE)
  const { error } = Object(tryParseExact(text)) as { readonly error?: unknown }
  throw refused(model, typeof error === 'string' ? error : `status ${response.status}`)
}

type Line = { readonly [field in 'error' | 'status' | 'digest' | 'total' | 'completed']?: unknown }

/** The lines of JSON of a response. What is no object of JSON is left out. */
async function* linesOf({ body }: Response, signal: AbortSignal): AsyncGenerator<Line> {
  if (!body) return
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value = '' } = await inTime(reader.read(), MAX_SILENCE, silent).catch(brokenOff)
      signal.throwIfAborted()
      const lines = `${rest}${value}${done ? '\n' : ''}`.split('\n')
      rest = lines.pop()!
      if (rest.length > MAX_LINE) throw new InvalidError('A line of the server is longer than 64 KiB.')
      for (const line of lines) if (line.trim() !== '') yield Object(tryParseExact(line)) as Line
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function brokenOff(cause: unknown): never {
  if (is(cause)) throw cause
  throw new RetryableError('The connection to the server broke off.', { code: 'model_unavailable', cause })
}

const silent = () => new RetryableError('The server has said nothing for two minutes.', { code: 'model_unavailable' })
