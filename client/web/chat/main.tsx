import '../device/zod.ts'
import { render } from 'preact'
import { App } from './app.tsx'
import { begin } from './state.ts'

const page = document.getElementById('page')
if (page) render(<App />, page)
void begin()
