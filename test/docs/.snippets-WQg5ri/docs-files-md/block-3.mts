import { defineAgent, start } from 'antiphon'

const artist = defineAgent({
  name: 'artist', model: 'google/gemini-2.5-flash-image', instructions: 'You draw.', tools: [], budget: 0.5,
})
await using app = await start({ agents: [artist], prices: { 'google/gemini-2.5-flash-image': { input: 0.3, output: 30 } } })
const drawn = await app.conversation(artist, 'lamp', { owner: 'customer-42' }).send('Draw a lamp.')
for (const { file, name } of (drawn.status === 'completed' && drawn.files) || []) console.log(name, file)
