/** Of the Debian package influxdb. */
export const INFLUXDB = '/usr/bin/influxd';
