import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Calls of the tool that each goal needs. */
export const LINES = 4

/** What the programs told, and what they asked the model. It lives outside of them, so no kill reaches it. */
export interface Desk {
  readonly url: string
  /** the answer of each goal */
  readonly answers: ReadonlyMap<string, string>
  /** how often the model answered each question: a goal and the number of results that it has */
  readonly paid: ReadonlyMap<string, number>
  /** results of calls whose outcome the model was told to be unknown, or to be an error */
  readonly unknown: ReadonlySet<string>
  /** Resolves when the program that was started last is ready. */
  untilReady(): Promise<void>
  /** Resolves when the model has been asked so often from now on. */
  untilAsked(times: number): Promise<void>
  close(): Promise<void>
}

type Message = {
  readonly role: string
  readonly content?: unknown
  readonly tool_call_id?: string
}

/** ms after which the service books what it has taken: the client may be dead by then. */
const BOOKS_AFTER = 2000

/**
 * A scripted model that speaks the protocol of chat completions, a desk that answers are handed in at, and a service that
 * books lines late in the file outside.
 */
export async function openDesk(outside: string): Promise<Desk> {
  const answers = new Map<string, string>()
  const paid = new Map<string, number>()
  const unknown = new Set<string>()
  let ready = Promise.withResolvers<void>()
  let waiting = { times: 0, resolve: () => {} }
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    if (request.url === '/ready') ready.resolve()
    else if (request.url?.startsWith('/answers/')) answers.set(request.url.slice('/answers/'.length), body)
    else if (request.url === '/lines') {
      await sleep(BOOKS_AFTER)
      await appendFile(outside, `${body}\n`)
    } else return complete(JSON.parse(body), response)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  async function complete(
    { messages, stream }: { readonly messages: readonly Message[]; readonly stream?: boolean },
    response: ServerResponse,
  ): Promise<void> {
    const goal = /goal-\d+/.exec(JSON.stringify(messages))?.[0] ?? 'none'
    const results = messages.filter(({ role }) => role === 'tool')
    for (const { content, tool_call_id } of results)
      if (!JSON.stringify(content).includes('appended')) unknown.add(`${goal} ${tool_call_id}`)
    const question = `${goal} ${results.length}`
    if (--waiting.times <= 0) waiting.resolve()
    await sleep(10)
    if (response.destroyed) return
    paid.set(question, (paid.get(question) ?? 0) + 1)
    const delta =
      results.length < LINES
        ? { role: 'assistant', content: null, tool_calls: [callOf(goal, results.length)] }
        : { role: 'assistant', content: `${goal} has ${LINES} lines.` }
    const finish = results.length < LINES ? 'tool_calls' : 'stop'
    const head = { id: `chatcmpl-${randomUUID()}`, created: 1, model: 'scripted' }
    if (stream) streamReply(response, head, delta, finish)
    else {
      response.setHeader('content-type', 'application/json')
      const choices = [{ index: 0, message: { ...delta, refusal: null }, finish_reason: finish, logprobs: null }]
      response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage: USAGE }))
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    paid,
    unknown,
    async untilReady() {
      await ready.promise
      ready = Promise.withResolvers<void>()
    },
    untilAsked: (times) => new Promise((resolve) => (waiting = { times, resolve })),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

/** Its id is the same each time it is asked, so that a program that asks again cannot tell. */
function callOf(goal: string, line: number) {
  const id = `call_${goal.replace('-', '_')}_${line}`
  return { index: 0, id, type: 'function', function: { name: 'append', arguments: JSON.stringify({ goal, line }) } }
}

function streamReply(response: ServerResponse, head: object, delta: object, finish: string): void {
  response.setHeader('content-type', 'text/event-stream')
  const chunk = (choices: readonly object[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`)
  chunk([{ index: 0, delta, finish_reason: null }])
  chunk([{ index: 0, delta: {}, finish_reason: finish }])
  chunk([], { usage: USAGE })
  response.end('data: [DONE]\n\n')
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
