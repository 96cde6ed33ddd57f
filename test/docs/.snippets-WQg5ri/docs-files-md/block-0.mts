import { start } from 'antiphon'

await using app = await start()
const { file, type, name, bytes } = await app.files.add('letter.txt')
console.log(type, name, bytes)
const opened = await app.files.open(file, { start: 4, end: 8 })
for await (const piece of opened.content()) console.log(Buffer.from(piece).toString())
console.log((await app.files.read(file, { max: 1_000_000 })).byteLength)
await app.files.remove(file)
