import { expect, test } from 'vitest'
import { unlessAborted } from '../../../src/lib/time/unless-aborted.ts'

const never = () => new Promise<never>(() => {})

test('unlessAborted() settles like its work', async () => {
  const { signal } = new AbortController()
  expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1)
  expect(await unlessAborted(Promise.resolve(1), undefined)).toBe(1)
  await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
})

test('unlessAborted() rejects with the reason of a signal, also of one that has aborted before', async () => {
  const over = new AbortController()
  const waiting = unlessAborted(never(), over.signal)
  over.abort(new Error('over'))
  await expect(waiting).rejects.toThrow('over')
  await expect(unlessAborted(never(), over.signal)).rejects.toThrow('over')
})
