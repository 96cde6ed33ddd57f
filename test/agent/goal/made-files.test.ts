import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fileIdOf } from '../../../src/lib/media/file-ref.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { once } from '../several/team.ts'
import { artist, PIXEL } from './artist.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const ID = fileIdOf(createHash('sha256').update(PIXEL).digest('hex'))
const LAMP = { file: ID, type: 'image/png', name: 'picture.png', bytes: PIXEL.length }
const ARTIST = { ...CLERK, model: 'lab/art' }
const paid = (modalities: string) =>
  `model: lab/one\nmodels: [{ id: lab/one }, { id: lab/art, modalities: ${modalities}, cost: { input: 1, output: 1 } }]\n`

async function openArtist(script: Parameters<typeof artist>[0], more: { yaml?: string; modalities?: string } = {}) {
  const model = artist(script, 'lab/art')
  return {
    ...(await openGoals([], more.yaml, {
      own: { 'lab/art': model },
      config: paid(more.modalities ?? '[text, image]'),
    })),
    model,
  }
}

const send = (text: string) => ({ conversation: 'talk', agent: ARTIST, text })

test('a picture of the model is a file of its answer, for all who read the conversation', async () => {
  const { runtime } = await openArtist([answer('Here is a lamp.')])
  const reply = await runtime.conversations.send(send('Draw a lamp.'))
  expect(reply).toMatchObject({ status: 'completed', answer: 'Here is a lamp.', files: [LAMP] })
  const { asks, files } = await runtime.threads.get('talk')
  expect(files).toEqual([LAMP])
  expect(asks[0]).toMatchObject({ answerFiles: [LAMP] })
  expect(asks[0]).not.toHaveProperty('files')
  expect(await runtime.threads.messages('talk')).toMatchObject([{ role: 'user' }, { role: 'assistant', files: [LAMP] }])
  const goal = await runtime.goals.get(reply.goal!)
  expect(goal).toMatchObject({ answerFiles: [LAMP], rounds: [{ answerFiles: [LAMP] }] })
  const events: unknown[] = []
  for await (const { body } of runtime.goals.events(reply.goal!)) events.push(body)
  expect(events).toContainEqual(expect.objectContaining({ type: 'round', files: [LAMP] }))
  expect(events).toContainEqual(expect.objectContaining({ type: 'goal-end', files: [LAMP] }))
  expect(await runtime.files.read(ID, { max: 1000 })).toEqual(PIXEL)
})

test('a picture without a word is an answer, and the model is asked once', async () => {
  const { runtime, model } = await openArtist([answer('')])
  const reply = await runtime.conversations.send(send('Draw a lamp.'))
  expect(reply).toMatchObject({ status: 'completed', answer: '', files: [LAMP] })
  expect(await runtime.threads.messages('talk')).toMatchObject([{}, { role: 'assistant', text: '', files: [LAMP] }])
  expect(model.calls).toHaveLength(1)
})

test('the next message shows the picture, and the one after it begins with the same', async () => {
  const { runtime, model } = await openArtist([{ ...answer('A lamp.'), times: 1 }, answer('It is green.')])
  for (const text of ['Draw.', 'What is it?', 'And now?']) await runtime.conversations.send(send(text))
  const [, second, third] = model.calls.map(({ options }) => JSON.stringify(options.prompt).slice(0, -1))
  expect(second).toContain(ID)
  expect(second).toContain('"type":"file"')
  expect(third!.startsWith(second!)).toBe(true)
  const last = await runtime.conversations.send(send('Bye.'))
  expect(last).not.toHaveProperty('files')
})

test('a picture beside a call is a file of the answer, and the next round shows it', async () => {
  const { runtime, model } = await openArtist([call('filesystem_list', { path: '.' }), answer('Done.')])
  const reply = await runtime.conversations.send(send('Draw, then look.'))
  expect(reply).toMatchObject({ answer: 'Done.', files: [LAMP] })
  expect(JSON.stringify(model.calls[1]!.options.prompt)).toContain(ID)
})

test('each of the messages that one goal answers has its own pictures', async () => {
  const held = gate()
  const { runtime, model } = await openArtist([
    { ...call('filesystem_list', { path: '.' }), reply: 'A lamp.', gate: held.pass() },
    answer('No more.'),
  ])
  const first = await runtime.conversations.post(send('Draw a lamp.'))
  await until(() => model.calls.length === 1)
  const second = await runtime.conversations.post(send('Stop.'))
  held.release()
  await runtime.idle()
  const [one, other] = (await runtime.threads.get('talk')).asks
  expect([one!.id, other!.id]).toEqual([first.id, second.id])
  expect(one).toMatchObject({ reply: 'A lamp.', answerFiles: [LAMP] })
  expect(other).toMatchObject({ reply: 'No more.' })
  expect(other).not.toHaveProperty('answerFiles')
})

test('an answer stands without a picture that is beyond the quota, and says so', async () => {
  const { runtime, model } = await openArtist([answer('A lamp.')], { yaml: 'files: { owner: 1 }\n' })
  await runtime.files.add(Buffer.alloc(1024 * 1024 - 10, 'a'), { name: 'a.txt' })
  expect(await runtime.conversations.send(send('Draw.'))).toMatchObject({
    status: 'completed',
    answer: 'A lamp.',
    lacks: [expect.stringMatching(/^The model made a file that is not kept\. /)],
  })
  expect(model.calls).toHaveLength(1)
})

test('an agent gets the picture of the agent that it asks', async () => {
  const ask = { ...call('agent_painter', { goal: 'Paint.' }), reply: 'I ask.' }
  const { runtime, model } = await openTeam([ask, once('A lamp.'), answer('It is here.')])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'A picture.' })
  await runtime.idle()
  const { rounds } = await runtime.goals.get(id)
  expect(rounds[0]!.calls[0]).toMatchObject({ outcome: 'succeeded', files: [LAMP] })
  expect(JSON.stringify(model.calls[2]!.options.prompt)).toContain('"type":"file"')
})

test('a conversation has the pictures of each agent that took part in an answer', async () => {
  const handOff = { ...call('hand_off_painter', {}), reply: 'A lamp, and more.' }
  const { runtime } = await openTeam([handOff, answer('That is all.')])
  const reply = await runtime.conversations.send({ conversation: 'talk', agent: 'lead', text: 'Draw.' })
  expect(reply).toMatchObject({ answer: 'That is all.', files: [LAMP] })
})

test('a model that takes no pictures gets a line for its own, and its answer lacks nothing', async () => {
  const { runtime, model } = await openArtist(
    [
      { ...answer('A lamp.'), times: 1 },
      { ...call('filesystem_list', { path: '.' }), reply: 'I look.' },
      answer('Done.'),
    ],
    { modalities: '[text]' },
  )
  await runtime.conversations.send(send('Draw.'))
  const reply = await runtime.conversations.send(send('And?'))
  expect(reply).toMatchObject({ status: 'completed', answer: 'Done.' })
  expect(reply).not.toHaveProperty('lacks')
  expect(model.calls[2]!.prompt).toContain(ID)
})

async function openTeam(script: Parameters<typeof artist>[0]) {
  const opened = await openArtist(script)
  mkdirSync(opened.path('agents'))
  const write = (name: string, more: string) =>
    opened.write(
      `agents/${name}.md`,
      `---\ndescription: It is the ${name}\nmodel: lab/art\ntools: []\n${more}---\nYou are the ${name}.\n`,
    )
  write('lead', 'agents: [painter]\n')
  write('painter', '')
  return opened
}
