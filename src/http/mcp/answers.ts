import { is } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { StepItem } from '../../run/room/documents.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import { digestOf, type McpCaller } from './caller.ts'
import { type FormResponse, valueOfForm } from './questions.ts'

/** An item of the inbox, as far as a client was asked about it. */
export type Asked = Pick<StepItem, 'run' | 'step' | 'signal' | 'since'>

/** The fate of an answer. `left`: the person closed the form, and the run waits on. */
type AnswerResult = { readonly type: 'given' | 'left' } | { readonly type: 'refused'; readonly message: string }

/** The item that a client was asked about; undefined once it is answered. */
export async function stillOpen({ client }: McpCaller, { run, step, since }: Asked): Promise<StepItem | undefined> {
  const items = await client.inbox.list({ run })
  return items.find((item) => item.step === step && item.since === since)
}

/** Answers an item as the person at the client did. To decline an approval is to reject it. */
export async function giveAnswer(caller: McpCaller, item: StepItem, response: FormResponse): Promise<AnswerResult> {
  const { action, content } = response
  if (action === 'accept') return send(caller, item, valueOfForm(item, content))
  return action === 'decline' && item.expects.type === 'approval'
    ? send(caller, item, { action: 'reject' })
    : { type: 'left' }
}

/** Sends an answer, once however often it comes. */
async function send({ client }: McpCaller, { run, step, signal, since }: Asked, value: Json): Promise<AnswerResult> {
  try {
    await client.runs.signal(run, signal, value, {
      id: `sig_${digestOf(['mcp', run, step, since, canonicalJson(value)])}`,
    })
  } catch (error) {
    if (is(error) && error.code === 'bad_value') return { type: 'refused', message: error.message }
    if (!is(error) || error.code !== 'run_over') throw error
  }
  return { type: 'given' }
}
