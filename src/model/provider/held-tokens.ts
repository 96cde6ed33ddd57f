import { isJsonObject } from '../../kernel/json.ts'
import { mendWith } from './mend/reply.ts'

/** Tokens that Anthropic wants for thoughts at least. */
const LEAST_THOUGHTS = 1024

/**
 * The body of a request to Anthropic, with a limit of tokens for its reply, thoughts included. The package adds the
 * thoughts to the reply, but a budget pays for no more than was reserved.
 */
export const heldBody = (text: string, most: number): string =>
  mendWith(text, (body) => {
    const { thinking, max_tokens: asked, ...rest } = body
    const thoughts = isJsonObject(thinking) ? thinking.budget_tokens : undefined
    if (typeof asked !== 'number' || typeof thoughts !== 'number') return body
    const held = Math.min(asked, most)
    // words follow the thoughts
    const room = thoughts < held ? thoughts : held - LEAST_THOUGHTS
    const thinks = room < LEAST_THOUGHTS ? {} : { thinking: { ...(thinking as object), budget_tokens: room } }
    return { ...rest, max_tokens: held, ...thinks }
  })
