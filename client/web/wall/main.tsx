import '../device/zod.ts'
import { render } from 'preact'
import { watchHost } from '../shared/host.ts'
import { Wall } from './wall.tsx'

const page = document.getElementById('page')
if (page) render(<Wall />, page)
void watchHost('/host/wall')
