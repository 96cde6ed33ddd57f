import { expect, test } from 'vitest'
import { toRef } from '../../../src/lib/media/file-ref.ts'
import { PIXEL } from '../goal/artist.ts'
import { answer, call } from '../goal/folder.ts'
import { once, openTeam } from './team.ts'

const send = (text: string, files: readonly { readonly file: string }[] = []) => ({
  conversation: 'talk',
  agent: 'lead',
  text,
  files,
})
const offers = (model: Awaited<ReturnType<typeof openTeam>>['model'], at: number) =>
  JSON.stringify(model.calls[at]!.options.tools)

test('an agent that is asked gets the files of the conversation that the call names', async () => {
  const script = [once('Hello.')]
  const { runtime, model } = await openTeam(script)
  await runtime.conversations.send(send('Hello.'))
  expect(offers(model, 0)).not.toContain('"files":')
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'lamp.png' }))
  script.push(
    call('agent_reviewer', { goal: 'What is it?', files: [photo.file] }),
    once('A lamp.'),
    answer('It is a lamp.'),
  )
  await runtime.conversations.send(send('Ask what this is.', [photo]))
  expect(offers(model, 1)).toContain('"files":')
  expect(JSON.stringify(model.calls[2]!.options.prompt)).toContain('"type":"file"')
  expect(offers(model, 2)).toContain('files_show')
  const asked = (await runtime.goals.list({ agent: 'reviewer' }))[0]!
  expect(await runtime.goals.get(asked.id)).toMatchObject({ goal: 'What is it?', files: [photo] })
})

test('an agent that is asked shows a file that its goal names', async () => {
  const script = [call('agent_reviewer', { goal: '' })]
  const { runtime, model } = await openTeam(script)
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'lamp.png' }))
  script[0] = call('agent_reviewer', { goal: `What does ${photo.file} show?` })
  script.push(call('files_show', { file: photo.file }), answer('A lamp.'))
  await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  const asked = (await runtime.goals.list({ agent: 'reviewer' }))[0]!
  expect((await runtime.goals.get(asked.id)).rounds[0]!.calls[0]).toMatchObject({ tool: 'files:show', files: [photo] })
  expect(JSON.stringify(model.calls[2]!.options.prompt)).toContain('"type":"file"')
})

test.each([
  ['of another owner', 'other', 'file_not_found'],
  ['that nobody has', `file_${'ab'.repeat(32)}`, 'file_not_found'],
  ['by its path', '/etc/passwd', 'Expected the ids of stored files, got "/etc/passwd"'],
])('a file %s is refused, and no agent is asked', async (_, named, why) => {
  const script = [answer('')]
  const { runtime } = await openTeam(script)
  const other = await runtime.files.add(PIXEL, { name: 'lamp.png', owner: 'bob' })
  const mine = await runtime.files.add(Buffer.from('words'), { name: 'note.txt' })
  const file = named === 'other' ? other.file : named
  script.splice(0, 1, call('agent_reviewer', { goal: 'Look.', files: [file] }), answer('No.'))
  const { goal } = await runtime.conversations.send(send('Ask.', [mine]))
  const [asking] = (await runtime.goals.get(goal!)).rounds[0]!.calls
  expect(asking).toMatchObject({ outcome: 'failed', result: expect.stringContaining(why) })
  expect(await runtime.goals.list({ agent: 'reviewer' })).toEqual([])
})

test('a call may name a file of the conversation by its name', async () => {
  const { runtime } = await openTeam([
    call('agent_reviewer', { goal: 'What is it?', files: ['lamp.png'] }),
    once('A lamp.'),
    answer('It is a lamp.'),
  ])
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'lamp.png' }))
  await runtime.conversations.send(send('Ask what this is.', [photo]))
  const asked = (await runtime.goals.list({ agent: 'reviewer' }))[0]!
  expect(await runtime.goals.get(asked.id)).toMatchObject({ files: [photo] })
})
