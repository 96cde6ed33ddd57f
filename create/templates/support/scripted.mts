import { scriptedModel } from 'antiphon/testing'

// Stands for the model of a provider, so that this project needs no key. It knows three orders and few words.

const ORDERS = { '1789': 4900, '1790': 1250, '1791': 8900 }
const SAYS = 'Scripted reply, without a model:'

/** The last text of a prompt is what came last: a message of the customer, or the result of a call. */
const ends = (pattern: RegExp) => (prompt: string) => pattern.test(prompt.trimEnd().split('\n').at(-1) ?? '')

export const scripted = scriptedModel(
  [
    { match: ends(/is paid back/), reply: `${SAYS} your money is on its way.` },
    { match: ends(/reject|not approved/i), reply: `${SAYS} our staff did not approve the refund.` },
    ...Object.entries(ORDERS).map(([order, cents]) => ({
      match: ends(new RegExp(`\\b${order}\\b`)),
      calls: [{ name: 'refund', input: { order, cents } }],
    })),
    { reply: `${SAYS} write “My lamp arrived broken. It was order 1789.”, and a refund waits for staff.` },
  ],
  'scripted/shop',
)
