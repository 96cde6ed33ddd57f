import { openSecrets } from '../../src/secret/store.ts'

// Another process that keeps five secrets: `writer.ts FILE WHO`.
const [file = '', who = ''] = process.argv.slice(2)
const store = openSecrets({ file, cost: { N: 2 ** 10, r: 8, p: 1 }, environment: process.env })
for (let n = 1; n <= 5; n++) await store.put(`${who}${n}`, `value of ${who}${n}`)
