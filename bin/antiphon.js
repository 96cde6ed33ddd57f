#!/usr/bin/env node
import { launch } from './launch.js'

launch(new URL('../src/cli/main.ts', import.meta.url), new URL('../dist/cli/main.js', import.meta.url))
