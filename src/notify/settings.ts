import { z } from 'zod'
import { timeSpanSchema } from '../lib/time/span-schema.ts'
import { isSecret } from '../secret/names.ts'
import { NOTICE_EVENTS } from './item.ts'

const MAX_REMIND_SECONDS = 30 * 86_400

const receiver = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://hooks.example.com/antiphon' })
      .refine((url) => !hasCredentials(url), 'expected an address without a user and a password'),
    secret: z.string().refine(isSecret, 'expected the name of a secret such as secret://hooks, not the secret itself'),
    events: z
      .array(z.enum(NOTICE_EVENTS, { error: `expected one of ${NOTICE_EVENTS.join(', ')}` }))
      .min(1)
      .max(NOTICE_EVENTS.length)
      .exactOptional(),
    include: z.literal('content', { error: 'expected content' }).exactOptional(),
    remind: timeSpanSchema
      .refine((seconds) => seconds >= 60 && seconds <= MAX_REMIND_SECONDS, 'expected a time from 1m to 30d')
      .exactOptional(),
    allow: z
      .array(
        z
          .string()
          .regex(
            /^[\w.:-]+(?:\/\d{1,3})?$/,
            'expected a host such as hooks.example.com, or a range such as 10.0.0.0/8',
          ),
      )
      .max(100)
      .exactOptional(),
  })
  .refine(({ url, allow = [] }) => isSafe(url, allow), {
    path: ['url'],
    error: 'expected https://, or a host that `allow` names',
  })

/** The key of antiphon.yaml for notices: the receivers of messages about work that waits for a person or has failed. */
export const noticeSettings = {
  notify: z
    .array(receiver)
    .max(20)
    .refine((all) => new Set(all.map(({ url }) => url)).size === all.length, 'expected each address once')
    .exactOptional(),
}

/** A receiver of notices, as antiphon.yaml describes it. `remind` in seconds. */
export type Receiver = z.infer<typeof receiver>

function hasCredentials(text: string): boolean {
  const { username = '', password = '' } = URL.parse(text) ?? {}
  return username !== '' || password !== ''
}

/** A message over http can be read and changed on its way, so that needs a decision. */
function isSafe(text: string, allow: readonly string[]): boolean {
  const url = URL.parse(text)
  return !url || url.protocol === 'https:' || allow.includes(url.hostname.replace(/^\[|\]$/g, ''))
}
