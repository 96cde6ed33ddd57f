import { expect, it } from 'vitest'
import { createActivity } from '../../src/work/activity.ts'
import { createFollowers } from '../../src/work/follow.ts'

/** Followers whose looks end when the test says how. */
function openFollowers() {
  const activity = createActivity()
  const looks: ((how: 'over' | 'resting' | Error) => void)[] = []
  const followers = createFollowers('run', activity.track, () => {
    const { promise, resolve, reject } = Promise.withResolvers<'over' | 'resting'>()
    looks.push((how) => (how instanceof Error ? reject(how) : resolve(how)))
    return promise
  })
  return { activity, looks, ...followers }
}

it('looks once more if it is called while it looks, because the work may have been woken since', async () => {
  const { activity, looks, follow } = openFollowers()
  follow('run')
  follow('run')
  expect(looks.length).toBe(1)
  looks[0]!('resting')
  await Promise.resolve()
  // what woke it came before this look, which is the only one
  expect(looks.length).toBe(2)
  expect(activity.has({ kind: 'run', id: 'run' })).toBe(true)
  looks[1]!('resting')
  await activity.idle()
  expect(looks.length).toBe(2)
})

it('follows anew when called while the last follower leaves', async () => {
  const { activity, looks, follow } = openFollowers()
  follow('run')
  looks[0]!('resting')
  // its last look is over, but it is still listed
  for (let tick = 0; tick < 10 && looks.length < 2; tick++) {
    expect(activity.has({ kind: 'run', id: 'run' })).toBe(true)
    await Promise.resolve()
    if (tick === 0) follow('run')
  }
  expect(looks.length).toBe(2)
  let isIdle = false
  const idle = activity.idle().then(() => {
    isIdle = true
  })
  await new Promise(setImmediate)
  expect(isIdle).toBe(false)
  looks[1]!('over')
  await idle
})

it('does not look again at work that is over or cannot be followed', async () => {
  const { activity, looks, follow } = openFollowers()
  for (const [n, how] of (['over', new Error('no disk')] as const).entries()) {
    follow('run')
    follow('run')
    looks[n]!(how)
    await activity.idle()
    expect(looks.length).toBe(n + 1)
  }
})
