import OpenAI from 'openai';
import openlit from 'openlit';

openlit.default.init({
  applicationName: process.env.OTEL_SERVICE_NAME,
  environment: 'test',
  instrumentations: { openai: OpenAI },
  disableBatch: true,
  disableMetrics: true,
  disableEvents: true,
});
