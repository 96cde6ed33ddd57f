import { existsSync } from 'node:fs'

// `.env` has the secret of the desk, and the key of a provider if you have one
if (existsSync('.env')) process.loadEnvFile('.env')
