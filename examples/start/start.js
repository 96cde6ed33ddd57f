// `npm start`: the audit and two questions, with the runner killed half way.
import { launch } from '../../bin/launch.js'

launch(new URL('./main.ts', import.meta.url))
