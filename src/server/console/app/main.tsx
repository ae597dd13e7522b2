import { render } from 'preact';
import { App } from './app.tsx';
import { live } from './live.ts';

live.start();
render(<App />, document.getElementById('app')!);
