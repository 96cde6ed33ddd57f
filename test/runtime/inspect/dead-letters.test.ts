import { expect, it } from 'vitest'
import type { Envelope } from '../../../src/kernel/types.ts'
import { ownerOfLetter } from '../../../src/runtime/inspect/dead-letters.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, ref } from '../../../trials/conformance/actors.ts'
import { openFolder } from './folder.ts'

/** A runtime with a clerk who cannot read until he is mended. */
async function openClerk() {
  const glasses = { mended: false, reading: undefined as ReturnType<typeof gate> | undefined }
  const clerk = actor('clerk', 0, async (count, _message, effects) => {
    await effects.run('read', () => glasses.reading?.pass())
    if (!glasses.mended) throw new Error('cannot read this')
    return { state: count + 1, reply: true }
  })
  const folder = openFolder()
  return { glasses, clerk, open: folder.open, runtime: await folder.open([clerk]) }
}

const fail = async (runtime: Runtime, id: string) => {
  await runtime.engine.tell(ref('clerk'), { secret: id }, { id, correlationId: `work-${id}` })
  await until(async () => (await runtime.inspector.deadLetters.list()).some((letter) => letter.id === id))
}

it('dead letters are listed without their bodies, the newest first', async () => {
  const { runtime } = await openClerk()
  await fail(runtime, 'a')
  await fail(runtime, 'b')
  const letters = await runtime.inspector.deadLetters.list()
  expect(letters.map(({ id }) => id).sort()).toEqual(['a', 'b'])
  expect(letters[0]!.at).toBeGreaterThanOrEqual(letters[1]!.at)
  expect(letters.find(({ id }) => id === 'a')).toEqual({
    id: 'a',
    at: expect.any(Number),
    to: 'clerk/1',
    type: 'request',
    correlationId: 'work-a',
    problem: expect.objectContaining({ message: 'cannot read this' }),
  })
  expect(await runtime.inspector.deadLetters.list({ limit: 1 })).toHaveLength(1)
  expect((await runtime.inspector.deadLetters.get('a')).letter).toMatchObject({ id: 'a', body: { secret: 'a' } })
})

it('a letter that is sent again is taken, or fails again under a new id', async () => {
  const { runtime, glasses } = await openClerk()
  await fail(runtime, 'a')
  const again = await runtime.inspector.deadLetters.retry('a')
  expect(again).toMatchObject({
    to: 'clerk/1',
    correlationId: 'work-a',
    outcome: 'failed',
    problem: { message: 'cannot read this' },
  })
  expect((await runtime.inspector.deadLetters.list()).map(({ id }) => id)).toEqual([again.id])
  glasses.mended = true
  const last = await runtime.inspector.deadLetters.retry(again.id)
  expect(last).toMatchObject({ outcome: 'taken' })
  expect(last).not.toHaveProperty('problem')
  expect(await runtime.inspector.deadLetters.list()).toEqual([])
  expect(await runtime.engine.view.peek(ref('clerk'))).toBe(1)
})

it('the runtime is not idle before a letter that was sent again is taken; who asked may leave before', async () => {
  const { runtime, glasses } = await openClerk()
  await fail(runtime, 'a')
  const reading = gate()
  Object.assign(glasses, { mended: true, reading })
  const leaving = new AbortController()
  const retried = runtime.inspector.deadLetters.retry('a', leaving.signal)
  await reading.started
  expect(runtime.status().active).toHaveLength(1)
  leaving.abort()
  expect(await retried).toMatchObject({ outcome: 'pending' })
  reading.release()
  await until(async () => (await runtime.engine.view.peek(ref('clerk'))) === 1)
})

it('a letter is dropped for good', async () => {
  const { runtime } = await openClerk()
  await fail(runtime, 'a')
  expect(await runtime.inspector.deadLetters.drop('a')).toMatchObject({ id: 'a', to: 'clerk/1' })
  expect(await runtime.inspector.deadLetters.list()).toEqual([])
})

it('a letter that is not there is refused with the nearest; one for an actor that is not here says who can send it', async () => {
  const { runtime, open } = await openClerk()
  await fail(runtime, 'letter-1')
  await expect(runtime.inspector.deadLetters.get('letter_2')).rejects.toThrow(
    'There is no dead letter letter_2. Did you mean letter-1?',
  )
  await expect(runtime.inspector.deadLetters.retry('another')).rejects.toThrow('See: antiphon deadletters list')
  await expect(runtime.inspector.deadLetters.drop('another')).rejects.toMatchObject({ name: 'NotFoundError' })
  await runtime.stop()
  const without = await open()
  await expect(without.inspector.deadLetters.retry('letter-1')).rejects.toThrow('There is no actor of kind clerk here')
  expect(await without.inspector.deadLetters.list()).toHaveLength(1)
})

it('the work of a dead letter is shown, and picks it', async () => {
  const { runtime } = await openClerk()
  const source = { text: 'name: one\nsteps: [{ id: a, tool: debug, parameters: { message: hi } }]\n' }
  for (const owner of ['ann', 'local']) {
    const { id } = await runtime.runs.start({ source, owner })
    await runtime.idle()
    const work = { id: `of-${owner}`, correlationId: id }
    await runtime.engine.tell(ref('clerk'), { secret: 'x' }, work)
    await until(async () => (await runtime.inspector.deadLetters.list()).some((letter) => letter.id === work.id))
  }
  await fail(runtime, 'nobody')
  const letters = async (query: object) =>
    (await runtime.inspector.deadLetters.list(query)).map(({ id, owner }) => [id, owner]).sort()
  expect(await letters({})).toEqual([
    ['nobody', undefined],
    ['of-ann', 'ann'],
    ['of-local', 'local'],
  ])
  expect(await letters({ owner: 'ann' })).toEqual([['of-ann', 'ann']])
  expect(await letters({ owner: 'bob' })).toEqual([])
  // of what never began it stands in the message itself
  const letter = {
    to: { kind: 'run', key: 'run_none' },
    correlationId: 'run_none',
    body: { type: 'start', owner: 'bob' },
  }
  expect(await ownerOfLetter(runtime.engine.view, letter as unknown as Envelope)).toBe('bob')
})
