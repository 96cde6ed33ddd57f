import { refusal } from '../../errors.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../../kernel/types.ts'
import { type NotesMessage, notesMessage } from '../plan/messages/notes.ts'

/** The number of keys in one namespace. */
const MAX_KEYS = 1000

/** One part lists the keys of a namespace; each value has a part of its own. */
type NamespaceKeys = { readonly [key: string]: KeyEntry }
type KeyEntry = { readonly at: number; readonly expires?: number }

/** `notes/<owner>`: values that outlast runs, by namespace and key. */
export function notesActor(): Actor<null, NotesMessage> {
  return defineActor<null, NotesMessage>({
    kind: 'notes',
    message: notesMessage,
    initial: () => null,
    async receive(_state, asked, effects) {
      const now = await effects.now()
      const known = ((await effects.part(keysPart(asked.namespace))) ?? {}) as NamespaceKeys
      const past = Object.keys(known).filter((one) => (known[one]!.expires ?? now + 1) <= now)
      return handleMessage(asked, withoutKeys(known, past), past, effects, now)
    },
  })
}

const keysPart = (namespace: string) => `keys/${namespace}`
const valuePart = (namespace: string, key: string) => `value/${JSON.stringify([namespace, key])}`

function withoutKeys(keys: NamespaceKeys, gone: readonly string[]): NamespaceKeys {
  return gone.length === 0 ? keys : Object.fromEntries(Object.entries(keys).filter(([key]) => !gone.includes(key)))
}

async function handleMessage(
  asked: NotesMessage,
  known: NamespaceKeys,
  past: readonly string[],
  { part }: Effects,
  now: number,
): Promise<Turn<null>> {
  const { namespace } = asked
  const after = (keys: NamespaceKeys, gone: readonly string[], values: NonNullable<Turn['parts']> = {}) => ({
    parts: {
      [keysPart(namespace)]: Object.keys(keys).length === 0 ? null : keys,
      ...Object.fromEntries([...past, ...gone].map((key) => [valuePart(namespace, key), null])),
      ...values,
    },
  })
  switch (asked.type) {
    case 'store': {
      const { key, value, ttl } = asked
      const message = `namespace ${namespace} holds ${MAX_KEYS} keys; clear some`
      if (!Object.hasOwn(known, key) && Object.keys(known).length >= MAX_KEYS)
        return { refuse: refusal({ code: 'too_large', message }) }
      const entry: KeyEntry = { at: now, ...(ttl !== undefined && { expires: now + ttl }) }
      const keys = { ...known, [key]: entry }
      return { ...after(keys, [], { [valuePart(namespace, key)]: value }), reply: { stored: true } }
    }
    case 'retrieve': {
      const found = Object.hasOwn(known, asked.key) ? known[asked.key] : undefined
      const value = found && (await part(valuePart(namespace, asked.key)))
      return {
        ...(past.length > 0 && after(known, [])),
        reply: found ? { found: true, value: value!, ...found } : { found: false },
      }
    }
    case 'delete': {
      const gone = Object.hasOwn(known, asked.key) ? [asked.key] : []
      return { ...after(withoutKeys(known, gone), gone), reply: { deleted: gone.length > 0 } }
    }
    case 'list':
      return { ...(past.length > 0 && after(known, [])), reply: { keys: Object.keys(known) } }
    case 'clear': {
      const gone = Object.keys(known)
      return { ...after({}, gone), reply: { cleared: gone.length } }
    }
  }
}
