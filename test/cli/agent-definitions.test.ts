import { expect, test } from 'vitest'
import { openGoals } from '../agent/goal/folder.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

test('an agent is put from a file, listed, shown, given a goal and removed', async () => {
  const { runtime, folder, write } = await openGoals([])
  await runtime.stop()
  write('antiphon.yaml', '')
  const definitions = (...args: string[]) => runHere(REAL, ['agent', 'definitions', ...args], { folder })
  write('triage.yaml', 'instructions: You sort mail.\ndescription: Sorts mail\n')
  const put = await definitions('put', 'triage.yaml')
  expect(put).toMatchObject({ code: 0, out: '' })
  expect(put.err).toMatch(/^triage has a new version [0-9a-f]{12}\.\n.*agent run triage/)
  write('lost.yaml', 'instructions: You sort mail.\nmodel: lab/none\n')
  expect(await definitions('put', 'lost.yaml')).toMatchObject({ code: 2, err: expect.stringContaining('lab/none') })
  write('clerk.md', '---\ndescription: Notes\ntools: [filesystem:read]\non_unknown: tell\n---\nYou keep notes.\n')
  const { hash } = JSON.parse((await definitions('put', 'clerk.md', 'night-clerk', '--json')).out)

  expect((await definitions('list')).out).toMatch(/night-clerk +local +[0-9a-f]{12} .*Notes\ntriage .*Sorts mail\n$/)
  expect((await definitions('show', 'night-clerk')).out).toMatch(
    new RegExp(
      `^night-clerk of local, version ${hash}\n .*${hash}\n\ninstructions: You keep notes.\ndescription: Notes\n`,
    ),
  )
  const { definition } = JSON.parse((await definitions('show', 'night-clerk', '--json', '--hash', hash)).out)
  expect(definition).toMatchObject({ onUnknown: 'tell', instructions: 'You keep notes.' })

  expect(JSON.parse((await definitions('remove', 'triage', '--json')).out)).toEqual({ removed: 'triage' })
  expect(await definitions('show', 'triage')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no agent triage'),
  })
})

test('a file that is not an agent is refused with its place', async () => {
  const { runtime, folder, write } = await openGoals([])
  await runtime.stop()
  write('antiphon.yaml', '')
  const put = (file: string) => runHere(REAL, ['agent', 'definitions', 'put', file], { folder })
  write('bad.yaml', 'instructions: Go.\ntools: [filesystem:raed]\n')
  expect(await put('bad.yaml')).toMatchObject({ code: 2, err: expect.stringMatching(/no tool.*\n.*filesystem:read/) })
  write('broken.yaml', 'instructions: [\n')
  expect(await put('broken.yaml')).toMatchObject({ code: 2, err: expect.stringMatching(/broken.yaml:\d+:\d+/) })
  write('plain.md', 'You keep notes.\n')
  expect(await put('plain.md')).toMatchObject({ code: 2, err: expect.stringContaining('plain.md:1:1') })
  expect(await put('none.yaml')).toMatchObject({ code: 2, err: expect.stringContaining('there is no such file') })
})
