import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import './environment.mts'

// A login for one machine. Put the sessions of your own site in its place before you deploy.

const { DESK_SECRET: secret = '', NODE_ENV } = process.env
if (secret.length < 20) refuse('Expected DESK_SECRET with at least 20 characters in .env. It signs the cookies.')
if (NODE_ENV === 'production')
  refuse('This login is for one machine. Replace login.mts before you set NODE_ENV=production.')

/** A program with an open door must not start. */
function refuse(reason: string): never {
  console.error(reason)
  process.exit(1)
}

const mac = (text: string) => createHmac('sha256', secret).update(text).digest('hex')
const isEqual = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** A cookie that only this server can make. */
const cookie = (name: string, value: string) =>
  `${name}=${value}.${mac(`${name}=${value}`)}; HttpOnly; SameSite=Strict; Path=/`

function read(name: string, cookies: string | null | undefined): string | undefined {
  const [, value = '', sign = ''] = new RegExp(`(?:^|; )${name}=([\\w-]+)\\.([0-9a-f]{64})`).exec(cookies ?? '') ?? []
  return value !== '' && isEqual(sign, mac(`${name}=${value}`)) ? value : undefined
}

/** The customer of a browser: each new browser is a new one. */
export const customerOf = (cookies: string | null | undefined) => read('customer', cookies)
export const newCustomer = () => cookie('customer', `customer-${randomUUID()}`)

/** Whether a browser has given the secret. */
export const isStaff = (cookies: string | null | undefined) => read('desk', cookies) === 'staff'
export const staffCookie = (given: string) => (isEqual(mac(given), mac(secret)) ? cookie('desk', 'staff') : undefined)
