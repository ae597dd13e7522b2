import { render } from 'preact';
import { App } from './app.tsx';
import { session } from './session.ts';

session.start();
render(<App />, document.getElementById('app')!);
