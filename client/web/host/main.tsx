import '../device/zod.ts'
import { render } from 'preact'
import { watchHost } from '../shared/host.ts'
import { HostPage } from './host.tsx'

const page = document.getElementById('page')
if (page) render(<HostPage />, page)
void watchHost('/host')
