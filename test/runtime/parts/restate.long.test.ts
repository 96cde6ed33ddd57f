import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { describeOnRestate, useRestate } from '../../engine/restate/server.ts'
import { openParts } from './runtime.ts'
import { live, openStory } from './story.ts'

describeOnRestate('parts of calls on a server', () => {
  const server = useRestate()

  function openNodes(namespace: string, ...dies: readonly string[]) {
    const story = openStory(...dies)
    mkdirSync(join(story.folder, 'common'))
    const restate = { admin: server.now().admin, namespace, shared: 'common' }
    writeFileSync(join(story.folder, 'antiphon.yaml'), JSON.stringify({ engine: { restate } }))
    return story
  }

  it('a node that is killed leaves to the next what had not ended, and its records go with the step', async () => {
    const { folder, file, did } = openNodes('parts', 'within a', 'after b')
    for (let n = 0; n < 2; n++) expect(await live(folder, file, 'parts')).toBe('SIGKILL')
    const runtime = await openParts(folder)
    onTestFinished(() => runtime.stop({ grace: 0 }))
    // retention may remove it as soon as the step has ended
    await until(async () => (await runtime.engine.view.list('once')).length === 1)
    await until(async () => (await runtime.runs.get('run')).status === 'completed')
    expect(await runtime.runs.get('run')).toMatchObject({ outputs: { order: 'abc' } })
    expect(did()).toBe('aabc')
    await until(async () => {
      await runtime.maintenance.gc()
      return (await runtime.engine.view.list('once')).length === 0
    })
  })

  it('a part that must not be repeated waits for a person', async () => {
    const { folder, file, did } = openNodes('doubt', 'within b')
    expect(await live(folder, file, 'parts')).toBe('SIGKILL')
    const runtime = await openParts(folder)
    onTestFinished(() => runtime.stop({ grace: 0 }))
    await until(async () => (await runtime.inbox.list({ run: 'run' })).length === 1)
    expect(await runtime.inbox.list({ run: 'run' })).toMatchObject([{ kind: 'unknown', signal: 'call:order' }])
    expect(did()).toBe('ab')
    await runtime.runs.settle('run', 'order', { outcome: 'not-done' })
    await until(async () => (await runtime.runs.get('run')).status === 'completed')
    expect(readFileSync(file, 'utf8')).toContain('did c')
    expect(did()).toBe('abbc')
  })
})
