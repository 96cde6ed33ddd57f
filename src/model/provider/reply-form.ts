import { AsyncLocalStorage } from 'node:async_hooks'

/** A reply comes whole, as one JSON, or as a stream of events. */
type ReplyForm = 'whole' | 'stream'

/** One call. `held`: the response has the other form. `given`: the response to read instead of asking again. */
type TextExchange = {
  readonly form: ReplyForm
  held?: Response
  given?: Response | undefined
  /** the most that the reply may have, where the package of the provider adds thoughts to it */
  readonly maxTokens?: number | undefined
}
type Exchange = TextExchange | { readonly form: 'vectors' }

const exchanges = new AsyncLocalStorage<Exchange>()

/** The call of a request; undefined for a request about neither texts nor vectors. */
export const exchangeNow = (): Exchange | undefined => exchanges.getStore()

type Readings<Whole, Streamed> = {
  readonly whole: () => PromiseLike<Whole>
  readonly stream: () => PromiseLike<Streamed>
}

type ReadReply<Whole, Streamed> = { readonly whole: Whole } | { readonly stream: Streamed }

/**
 * Asks for a reply in one form, and reads it in the form in which it comes: some servers answer a request for a stream
 * with one JSON, or the other way round. The model is asked once.
 */
export async function readInItsForm<Whole, Streamed>(
  form: ReplyForm,
  read: Readings<Whole, Streamed>,
  maxTokens?: number,
): Promise<ReadReply<Whole, Streamed>> {
  const exchange: TextExchange = { form, maxTokens }
  try {
    const result = await exchanges.run<PromiseLike<unknown>>(exchange, read[form])
    if (!exchange.held) return { [form]: result } as ReadReply<Whole, Streamed>
  } catch (error) {
    if (!exchange.held) throw error
  }
  const other = form === 'whole' ? 'stream' : 'whole'
  const result = await exchanges.run<PromiseLike<unknown>>({ form: other, given: exchange.held }, read[other])
  return { [other]: result } as ReadReply<Whole, Streamed>
}

export const readVectors = <T>(ask: () => PromiseLike<T>): PromiseLike<T> => exchanges.run({ form: 'vectors' }, ask)

/** The form of a body by its first characters. */
export function formOf(beginning: string): ReplyForm | undefined {
  const [first = ''] = beginning.replace(/^\ufeff/, '').trimStart()
  if (first === '{' || first === '[') return 'whole'
  return /^\s*(?:data|event|id|retry)?:/.test(beginning) ? 'stream' : undefined
}

/** A response without content, for a call that is going to be read in the other form. */
export const emptyReply = (form: ReplyForm): Response =>
  form === 'stream' ? new Response('', { headers: { 'content-type': 'text/event-stream' } }) : Response.json({})
