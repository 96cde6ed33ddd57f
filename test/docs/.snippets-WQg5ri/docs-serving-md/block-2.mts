import { toNodeListener } from 'antiphon'
import express from 'express'
import { handler } from './ai.mts'

const site = express()
site.use('/ai', toNodeListener(handler))
site.listen(3000)
