import { openMemoryStore } from '../../src/memory/store/open-store.ts'

// a process that does nothing but close a memory, whose thread has a call in flight
let ms = 0
const { path } = JSON.parse(process.argv[2]!) as { readonly path: string }
const store = openMemoryStore(path, () => (ms += 11))
const add = (n: number) =>
  store.write({ name: 'add', owner: 'local', input: [[{ text: `tide ${n}` }], {}], now: n + 1 })
for (let n = 0; n < 3; n++) await add(n)
const last = add(3)
await store.close()
await last
