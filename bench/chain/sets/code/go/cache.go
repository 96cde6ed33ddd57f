package tilecache

import (
	"errors"
	"sync"
	"time"
)

// ErrExpired says that a tile was there but is too old.
var ErrExpired = errors.New("tile has expired")

// ErrMissing says that there is no such tile.
var ErrMissing = errors.New("no such tile")

const maxTiles = 4096

type Tile struct {
	Data    []byte
	fetched time.Time
}

// Cache keeps tiles of a map for a while.
type Cache struct {
	mu    sync.Mutex
	tiles map[string]Tile
	ttl   time.Duration
}

// NewCache makes an empty cache whose tiles live for ttl.
func NewCache(ttl time.Duration) *Cache {
	if ttl <= 0 {
		panic("ttl must be positive")
	}
	return &Cache{tiles: make(map[string]Tile), ttl: ttl}
}

func (c *Cache) Get(key string, now time.Time) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tile, ok := c.tiles[key]
	if !ok {
		return nil, ErrMissing
	}
	if now.Sub(tile.fetched) > c.ttl {
		delete(c.tiles, key)
		return nil, ErrExpired
	}
	return tile.Data, nil
}

func (c *Cache) Put(key string, data []byte, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tiles) >= maxTiles {
		c.evictOldest()
	}
	c.tiles[key] = Tile{Data: data, fetched: now}
}

func (c *Cache) evictOldest() {
	var oldest string
	for key, tile := range c.tiles {
		if oldest == "" || tile.fetched.Before(c.tiles[oldest].fetched) {
			oldest = key
		}
	}
	delete(c.tiles, oldest)
}
